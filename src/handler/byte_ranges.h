// handler/byte_ranges.h - which parts of a file a `range` field asks for.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sally::handler {

/// Offsets of the first and the last octet.
struct ByteRange {
  std::uint64_t first = 0, last = 0;
  std::uint64_t length() const { return last - first + 1; }
  bool operator==(const ByteRange&) const = default;
};

struct RangeRequest {
  enum class Kind : std::uint8_t {
    whole,          ///< as if the field were not there
    parts,          ///< `parts` has at least one
    unsatisfiable,  ///< every part lies behind the end: 416
  };
  Kind kind = Kind::whole;
  std::vector<ByteRange> parts;
};

/// Reads the value of `range` for a file of `size` octets. Parts that overlap are made one and put into
/// ascending order; others stay in the client's. Another unit, a malformed value, an empty file or more than
/// `most` parts: the whole file, which RFC 9110 14.2 allows and which costs less than many small parts.
///
/// source  RFC 9110 14.1.1, 14.1.2, 14.2, 17.15
RangeRequest parse_ranges(std::string_view value, std::uint64_t size, std::size_t most);

/// "bytes 0-99/1234" (RFC 9110 14.4).
std::string content_range(ByteRange part, std::uint64_t size);
/// "bytes */1234", for 416.
std::string unsatisfied_range(std::uint64_t size);

}  // namespace sally::handler
