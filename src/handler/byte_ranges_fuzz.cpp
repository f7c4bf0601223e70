#include "handler/byte_ranges.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

/// First octets: the file's size. What comes out lies within the file and shares no octet with another part.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t n) {
  using namespace sally::handler;
  std::uint64_t size = 0;
  if (n < sizeof size) return 0;
  std::memcpy(&size, input, sizeof size);
  const std::string_view value(reinterpret_cast<const char*>(input) + sizeof size, n - sizeof size);
  const RangeRequest got = parse_ranges(value, size, 16);
  if ((got.kind == RangeRequest::Kind::parts) != !got.parts.empty() || got.parts.size() > 16) std::abort();
  for (const ByteRange& a : got.parts) {
    if (a.first > a.last || a.last >= size) std::abort();
    for (const ByteRange& b : got.parts)
      if (&a != &b && a.first <= b.last && b.first <= a.last) std::abort();
  }
  return 0;
}
