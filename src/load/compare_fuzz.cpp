#include "load/compare.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally::load;
  const auto read = parse_result({reinterpret_cast<const char*>(bytes), size});
  if (!read) return 0;
  const auto both = compare(*read, *read);
  if (!both || both->is_worse()) std::abort();
  if (compare_text(*both, true).empty() || compare_json(*both).empty()) std::abort();
  return 0;
}
