#include "check/target_list.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  (void)sally::check::parse_target_list(text);
  (void)sally::check::parse_resolve(text);
  if (sally::check::parse_finished(text).whole_bytes > size) std::abort();
  return 0;
}
