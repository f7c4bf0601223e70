#include <cstdlib>

#include "tls/peek.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sally;
  const Bytes in = as_bytes(std::span(data, size));
  const auto whole = tls::peek_hello(in);
  if (!whole || !*whole) return 0;
  // A hello that was understood is understood the same with bytes behind it, and never earlier with bytes
  // missing.
  std::string longer(as_text(in));
  longer += "tail";
  const auto again = tls::peek_hello(as_bytes(longer));
  if (!again || !*again || (*again)->server_name != (*whole)->server_name) std::abort();
  return 0;
}
