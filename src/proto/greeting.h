// proto/greeting.h - whether a server is well, by the first thing that it says, or answers to a harmless
// question.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sally::proto {

enum class Greeting : std::uint8_t {
  more,  ///< bytes are needed
  good,
  busy,   ///< the protocol is spoken, and the server has no time now
  other,  ///< something else is spoken
};

/// Whether servers of this row of the registry ("imaps", "ssh") can be judged so; else a connection must do.
bool has_greeting(std::string_view protocol);
/// What a client says first; "": the server speaks first. LDAP: a search of the root (RFC 4512 5.1), without
/// a name or password; PostgreSQL: SSLRequest.
std::string greeting_question(std::string_view protocol);
/// What a client says that leaves at once; "": it just goes.
std::string_view greeting_farewell(std::string_view protocol);
/// `heard` is all that the server has said so far. Pure; never `more` from kMostGreeting bytes on.
///
/// source  RFC 5321 4.2, RFC 3501 7.1, RFC 1939 4, RFC 959 5.4, RFC 4253 4.2, RFC 4511 4.5.2
Greeting judge_greeting(std::string_view protocol, Bytes heard);

inline constexpr std::size_t kMostGreeting = 2048;

}  // namespace sally::proto
