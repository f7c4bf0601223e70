#include "proto/sstp/call.h"

#include <cstdlib>
#include <span>

#include "base/bytes.h"

using namespace sally;

/// A whole answer stays what it is with more bytes behind it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(as_text(as_bytes(std::span(bytes, size))));
  const auto one = sstp::read_call_answer(text), more = sstp::read_call_answer(text + "x");
  if (one && *one && (!more || !*more || (*more)->sha256 != (*one)->sha256)) std::abort();
  return 0;
}
