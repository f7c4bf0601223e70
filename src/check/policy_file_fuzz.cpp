#include "check/policy_file.h"

#include <cstdint>

#include "config/block.h"
#include "config/toml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  const auto node = config::parse_toml({reinterpret_cast<const char*>(bytes), size}, "policy.toml");
  if (node) (void)config::parse(*node, check::Policy::block());
  return 0;
}
