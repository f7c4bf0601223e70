#include "crypto/digest.h"

#include <openssl/base64.h>
#include <openssl/mem.h>
#include <openssl/sha.h>

namespace sally::crypto {

Sha256 sha256(Bytes in) {
  Sha256 out;
  SHA256(as_u8(in), in.size(), reinterpret_cast<std::uint8_t*>(out.data()));
  return out;
}

Sha1 sha1(std::string_view in) {
  Sha1 out;
  SHA1(as_u8(as_bytes(in)), in.size(), reinterpret_cast<std::uint8_t*>(out.data()));
  return out;
}

std::string base64(Bytes in) {
  std::string out((in.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends it with a zero
  out.resize(EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(out.data()), as_u8(in), in.size()));
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
