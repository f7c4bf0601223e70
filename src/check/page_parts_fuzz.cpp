#include "check/page_parts.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto kAt = sally::check::read_url("https://www.example.com/a");
  const auto parts = sally::check::read_page({reinterpret_cast<const char*>(bytes), size}, *kAt,
                                             {.memory = std::size_t{8} << 20, .parts = 100});
  if (parts && parts->parts.size() > 100) std::abort();
  return 0;
}
