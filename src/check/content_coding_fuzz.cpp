#include "check/content_coding.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::size_t kLimit = 65536;
  const std::string_view packed(reinterpret_cast<const char*>(bytes), size);
  for (const char* const coding : {"gzip", "br", "zstd"})
    if (const auto out = sally::check::unpack(coding, packed, kLimit); out && out->text.size() > kLimit)
      std::abort();
  return 0;
}
