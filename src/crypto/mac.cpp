#include "crypto/mac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>

namespace sally::crypto {

Sha256 hmac_sha256(Bytes secret, Bytes text) {
  Sha256 out;
  unsigned length = 0;
  // Fails only without memory, and then the library has ended the program.
  ::HMAC(::EVP_sha256(), secret.data(), secret.size(), reinterpret_cast<const std::uint8_t*>(text.data()),
         text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &length);
  return out;
}

}  // namespace sally::crypto
