#include "crypto/raw_key.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/ecdsa.h>
#include <openssl/mem.h>
#include <openssl/nid.h>
#include <openssl/rsa.h>

namespace sally::crypto {
namespace {

constexpr std::size_t kMostRsaBytes = 16384 / 8;

const EVP_MD* method_of(Digest digest) {
  switch (digest) {
    case Digest::sha1:
      return EVP_sha1();
    case Digest::sha256:
      return EVP_sha256();
    case Digest::sha384:
      return EVP_sha384();
    case Digest::sha512:
      break;
  }
  return EVP_sha512();
}

int curve_of(unsigned bits) {
  return bits == 256   ? NID_X9_62_prime256v1
         : bits == 384 ? NID_secp384r1
         : bits == 521 ? NID_secp521r1
                       : NID_undef;
}

}  // namespace

std::string digest_of(Digest digest, Bytes in) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(in.data(), in.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, method_of(digest),
             nullptr);
  out.resize(size);
  return out;
}

std::string hmac_of(Digest digest, Bytes secret, Bytes text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  HMAC(method_of(digest), secret.data(), secret.size(), as_u8(text), text.size(),
       reinterpret_cast<std::uint8_t*>(out.data()), &size);
  out.resize(size);
  return out;
}

Result<RawKey> RawKey::rsa(Bytes modulus, Bytes exponent) {
  if (modulus.empty() || modulus.size() > kMostRsaBytes + 1 || exponent.empty() || exponent.size() > 8)
    return fail(kBadRawKey, "RSA numbers of an impossible length");
  BignumPtr n(BN_bin2bn(as_u8(modulus), modulus.size(), nullptr)),
      e(BN_bin2bn(as_u8(exponent), exponent.size(), nullptr));
  const unsigned bits = n ? BN_num_bits(n.get()) : 0;
  const Owned<RSA, RSA_free> rsa(RSA_new());
  EvpKey key(EVP_PKEY_new());
  if (!n || !e || !rsa || !key || RSA_set0_key(rsa.get(), n.get(), e.get(), nullptr) != 1)
    return fail(kBadRawKey, drain_errors());
  (void)n.release();
  (void)e.release();
  EVP_PKEY_set1_RSA(key.get(), rsa.get());
  return RawKey(std::move(key), bits);
}

Result<RawKey> RawKey::ecdsa(unsigned bits, Bytes point) {
  const Owned<EC_KEY, EC_KEY_free> ec(EC_KEY_new_by_curve_name(curve_of(bits)));
  const Owned<EC_POINT, EC_POINT_free> on_curve(ec ? EC_POINT_new(EC_KEY_get0_group(ec.get())) : nullptr);
  EvpKey key(EVP_PKEY_new());
  if (!on_curve || !key ||
      EC_POINT_oct2point(EC_KEY_get0_group(ec.get()), on_curve.get(), as_u8(point), point.size(), nullptr) !=
          1 ||
      EC_KEY_set_public_key(ec.get(), on_curve.get()) != 1)
    return fail(kBadRawKey, drain_errors());
  EVP_PKEY_set1_EC_KEY(key.get(), ec.get());
  return RawKey(std::move(key), bits);
}

Result<RawKey> RawKey::ed25519(Bytes raw) {
  EvpKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_u8(raw), raw.size()));
  if (!key) return fail(kBadRawKey, drain_errors());
  return RawKey(std::move(key), 256);
}

bool RawKey::vouches_for(Bytes text, Bytes signature, Digest digest) const {
  const EvpDigestCtx ctx(EVP_MD_CTX_new());
  const EVP_MD* const method = EVP_PKEY_id(key_.get()) == EVP_PKEY_ED25519 ? nullptr : method_of(digest);
  const bool good =
      ctx && EVP_DigestVerifyInit(ctx.get(), nullptr, method, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(ctx.get(), as_u8(signature), signature.size(), as_u8(text), text.size()) == 1;
  ERR_clear_error();
  return good;
}

bool RawKey::vouches_for(Bytes text, Bytes r, Bytes s, Digest digest) const {
  constexpr std::size_t kMostNumber = 67;  // of P-521, with a sign octet
  if (r.size() > kMostNumber || s.size() > kMostNumber) return false;
  const Owned<ECDSA_SIG, ECDSA_SIG_free> sig(ECDSA_SIG_new());
  BignumPtr rn(BN_bin2bn(as_u8(r), r.size(), nullptr)), sn(BN_bin2bn(as_u8(s), s.size(), nullptr));
  if (!sig || !rn || !sn || ECDSA_SIG_set0(sig.get(), rn.get(), sn.get()) != 1) return false;
  (void)rn.release();
  (void)sn.release();
  std::uint8_t* der = nullptr;
  std::size_t size = 0;
  if (ECDSA_SIG_to_bytes(&der, &size, sig.get()) != 1) return false;
  const Owned<std::uint8_t, OPENSSL_free> owned(der);
  return vouches_for(text, std::as_bytes(std::span(der, size)), digest);
}

}  // namespace sally::crypto
