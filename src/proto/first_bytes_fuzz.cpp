#include <cstdlib>

#include "proto/first_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  const Bytes all(reinterpret_cast<const std::byte*>(bytes), size);
  proto::Speech decided = proto::Speech::undecided;
  for (std::size_t n = 0; n <= size; ++n) {
    const proto::Speech now = proto::speech_of(all.first(n));
    if (decided != proto::Speech::undecided && now != decided) std::abort();
    if (n >= proto::kBytesThatDecide && now == proto::Speech::undecided) std::abort();
    decided = now;
    if (n > 4 * proto::kBytesThatDecide) break;
  }
  return 0;
}
