#include "crypto/raw_rsa.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

namespace sally::crypto {
namespace {

RSA* rsa_of(const Certificate& certificate) {
  EVP_PKEY* const key = X509_get0_pubkey(certificate.handle());
  return key && EVP_PKEY_id(key) == EVP_PKEY_RSA ? EVP_PKEY_get0_RSA(key) : nullptr;
}

}  // namespace

std::size_t rsa_block_size(const Certificate& certificate) {
  const RSA* const rsa = rsa_of(certificate);
  return rsa ? RSA_size(rsa) : 0;
}

Result<std::string> rsa_raw(const Certificate& certificate, std::string_view block) {
  RSA* const rsa = rsa_of(certificate);
  if (!rsa) return fail(kCryptoCall, "the certificate has no RSA key");
  std::string out(RSA_size(rsa), '\0');
  std::size_t size = 0;
  if (RSA_encrypt(rsa, &size, reinterpret_cast<std::uint8_t*>(out.data()), out.size(),
                  reinterpret_cast<const std::uint8_t*>(block.data()), block.size(), RSA_NO_PADDING) != 1)
    return fail(kCryptoCall, drain_errors());
  out.resize(size);
  return out;
}

}  // namespace sally::crypto
