#include "check/css_urls.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::size_t total = 0;
  const auto all = sally::check::css_urls({reinterpret_cast<const char*>(bytes), size});
  for (const auto& one : all) total += one.url.size();
  if (total > size || all.size() > sally::check::kMostCssUrls) std::abort();
  return 0;
}
