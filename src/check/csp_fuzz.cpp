#include "check/csp.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string fields[] = {std::string(reinterpret_cast<const char*>(bytes), size)};
  const auto policies = sally::check::parse_policies(fields);
  const auto strength = sally::check::strength_of(policies);
  if (policies.empty() && !strength.unsafe_inline) std::abort();
  return 0;
}
