#include "handler/accept_encoding.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t n) {
  using namespace sally::handler;
  const CodingWeights weights = accepted_codings(std::string_view(reinterpret_cast<const char*>(input), n));
  for (const std::uint16_t w : weights.of)
    if (w > 1000) std::abort();
  constexpr std::array kAll = {Coding::br, Coding::zstd, Coding::gzip};
  const auto chosen = choose_coding(weights, kAll);
  if (weights.identity > 1000 || (chosen && weights[*chosen] == 0)) std::abort();
  return 0;
}
