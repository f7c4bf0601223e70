#include "check/hsts.h"

#include <cstdlib>

#include "base/bytes.h"

using namespace sally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const check::Hsts h = check::parse_hsts(as_text(as_bytes(std::span(bytes, size))));
  if (h.preload_ready() && !h.valid()) std::abort();
  if (h.valid() != (h.faults.empty() && h.max_age.has_value())) std::abort();
  return 0;
}
