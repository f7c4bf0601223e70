#include "crypto/entropy.h"

#include <openssl/rand.h>

#include <cstdint>
#include <cstdlib>

namespace sally::crypto {

void fill_random(std::span<std::byte> out) {
  if (RAND_bytes(reinterpret_cast<std::uint8_t*>(out.data()), out.size()) != 1) std::abort();
}

}  // namespace sally::crypto
