#include "crypto/digest.h"

#include <openssl/mem.h>
#include <openssl/sha.h>

namespace sally::crypto {

Sha256 sha256(Bytes in) {
  Sha256 out;
  SHA256(as_u8(in), in.size(), reinterpret_cast<std::uint8_t*>(out.data()));
  return out;
}

std::string hex(Bytes in, std::string_view separator) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::byte b : in) {
    if (!out.empty()) out += separator;
    out += kDigits[std::to_integer<std::size_t>(b) >> 4];
    out += kDigits[std::to_integer<std::size_t>(b) & 15];
  }
  return out;
}

bool equal_in_constant_time(Bytes a, Bytes b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sally::crypto
