#include "check/baseline.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto read = sally::check::Baseline::parse({reinterpret_cast<const char*>(bytes), size});
  if (read) (void)read->has("a.example:443", "proto.tls10");
  return 0;
}
