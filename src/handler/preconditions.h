// handler/preconditions.h - does the client have it already, and does it still mean what it saw?
#pragma once
#include <cstdint>
#include <string_view>

#include "http/fields.h"

namespace sally::handler {

/// What identifies one state of what would be sent.
struct Validators {
  std::string_view etag;      ///< with its quotes; strong
  std::int64_t modified = 0;  ///< seconds since 1970
};

enum class Precondition : std::uint8_t {
  holds,
  not_modified,  ///< 304
  failed,        ///< 412
};

/// Judges If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since of a GET or HEAD for something
/// that exists, in the order that RFC 9110 13.2.2 demands. Dates that are none are passed over.
Precondition check_preconditions(const http::Fields& fields, const Validators& now_there);

/// Whether `range` may be honoured: there is no If-Range, or it names exactly this state. A date does so only
/// if it is at least a second old, or two states could share it (RFC 9110 13.1.5 and 8.8.2.2).
bool range_is_current(const http::Fields& fields, const Validators& now_there, std::int64_t unix_now);

/// Whether a list of entity tags (RFC 9110 8.8.3), or "*", names `etag`. Weak tags match only if `weak`. What
/// follows a malformed member is not read.
bool names_etag(std::string_view list, std::string_view etag, bool weak);

}  // namespace sally::handler
