// proto/first_bytes.h - what a client speaks, by the first bytes that it sends on a port that several
// protocols share.
#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace sally::proto {

enum class Speech : std::uint8_t {
  undecided,  ///< more bytes are needed
  tls,        ///< a handshake record (RFC 8446 5.1)
  http,       ///< a request line in plain text (RFC 9112 3)
  ssh,        ///< "SSH-" (RFC 4253 4.2)
  openvpn,    ///< over TCP: a length, then the opcode of a client's hard reset
  other,
};

/// How many bytes decide at the most.
inline constexpr std::size_t kBytesThatDecide = 8;

/// `first` is all that the client has sent so far. Pure; never undecided from kBytesThatDecide bytes on.
Speech speech_of(Bytes first);

}  // namespace sally::proto
