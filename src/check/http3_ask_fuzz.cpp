// Fuzzes what a server may answer to a version of QUIC that nobody speaks.
#include "check/http3_ask.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sally;
  for (const std::uint32_t one : check::read_quic_versions(as_bytes(std::span(data, size))))
    if (check::quic_version_name(one).empty()) __builtin_trap();
  return 0;
}
