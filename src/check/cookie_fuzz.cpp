#include "check/cookie.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const sally::check::Cookie c =
      sally::check::read_cookie({reinterpret_cast<const char*>(bytes), size}, "www.example.com");
  if (c.dropped.empty() && c.same_site == sally::check::Cookie::SameSite::none && !c.secure) std::abort();
  if (c.name.size() > size) std::abort();
  return 0;
}
