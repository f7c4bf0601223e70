#include "check/alt_svc.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto read = sally::check::parse_alt_svc({reinterpret_cast<const char*>(bytes), size});
  if (!read.valid && !read.services.empty()) std::abort();
  return 0;
}
