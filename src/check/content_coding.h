// check/content_coding.h - takes compression off what a server sent, and stops at a limit whatever it unpacks
// to.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace sally::check {

inline constexpr ErrorKind kBadCoding{"check.bad_coding",
                                      Blame::upstream,
                                      Retry::never,
                                      "the content is not compressed the way that its fields say",
                                      "look at what compresses twice or cuts off, server or application",
                                      "RFC 9110 8.4.1",
                                      -1,
                                      0};

struct Unpacked {
  std::string text;
  bool whole = false;  ///< false: the limit was reached, or the compressed bytes ended early
};

/// `coding`: a value of Content-Encoding with one coding; "identity" and "" leave `packed` as it is. At most
/// `limit` bytes are made; memory beside them is bounded: windows of brotli by 16 MiB, of zstd by 8 MiB.
/// Errors: check.bad_coding, also for a coding that is not known.
/// source  RFC 1952, RFC 7932, RFC 8878 and 9659
Result<Unpacked> unpack(std::string_view coding, std::string_view packed, std::size_t limit);

}  // namespace sally::check
