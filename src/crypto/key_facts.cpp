#include "crypto/key_facts.h"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/evp.h>
#include <openssl/obj.h>

namespace sally::crypto {
namespace {

constexpr unsigned kLeastRsaBits = 2048;
constexpr unsigned kLeastEcBits = 256;

KeyFacts ec_facts(const EVP_PKEY& key, unsigned bits) {
  const EC_KEY* ec = EVP_PKEY_get0_EC_KEY(&key);
  const EC_GROUP* group = ec ? EC_KEY_get0_group(ec) : nullptr;
  switch (group ? EC_GROUP_get_curve_name(group) : NID_undef) {
    case NID_X9_62_prime256v1:
      return {KeyType::p256, bits, "ECDSA P-256", false};
    case NID_secp384r1:
      return {KeyType::p384, bits, "ECDSA P-384", false};
    case NID_secp521r1:
      return {KeyType::p521, bits, "ECDSA P-521", false};
    default:
      return {KeyType::other, bits, fmt::format("ECDSA with {} bits", bits), bits < kLeastEcBits};
  }
}

}  // namespace

KeyFacts key_facts(const EVP_PKEY& key) {
  const auto bits = static_cast<unsigned>(EVP_PKEY_bits(&key));
  switch (EVP_PKEY_id(&key)) {
    case EVP_PKEY_RSA:
      return {KeyType::rsa, bits, fmt::format("RSA {}", bits), bits < kLeastRsaBits};
    case EVP_PKEY_EC:
      return ec_facts(key, bits);
    case EVP_PKEY_ED25519:
      return {KeyType::ed25519, 256, "Ed25519", false};
    case EVP_PKEY_PQDSA: {
      const char* name = OBJ_nid2sn(EVP_PKEY_pqdsa_get_type(&key));
      return {KeyType::ml_dsa, bits, name ? name : "ML-DSA", false};
    }
    default: {
      const char* name = OBJ_nid2sn(EVP_PKEY_id(&key));
      return {KeyType::other, bits, name ? name : "unknown", false};
    }
  }
}

}  // namespace sally::crypto
