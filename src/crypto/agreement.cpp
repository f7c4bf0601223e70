#include "crypto/agreement.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/nid.h>

namespace sally::crypto {
namespace {

constexpr std::size_t kMlkemCiphertext = 1088, kX25519Share = 32;
constexpr int kExponentBits = 512;  // twice the strength of the larger group and more

std::uint8_t* room(std::string& s) { return reinterpret_cast<std::uint8_t*>(s.data()); }

int curve_of(Agreement kind) {
  switch (kind) {
    case Agreement::p256:
      return NID_X9_62_prime256v1;
    case Agreement::p384:
      return NID_secp384r1;
    case Agreement::p521:
      return NID_secp521r1;
    default:
      return NID_undef;
  }
}

Result<EvpKey> make_pair(Agreement kind) {
  const int curve = curve_of(kind);
  const EvpKeyCtx ctx(EVP_PKEY_CTX_new_id(curve == NID_undef ? EVP_PKEY_X25519 : EVP_PKEY_EC, nullptr));
  EVP_PKEY* key = nullptr;
  if (!ctx || EVP_PKEY_keygen_init(ctx.get()) != 1 ||
      (curve != NID_undef && EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx.get(), curve) != 1) ||
      EVP_PKEY_keygen(ctx.get(), &key) != 1)
    return fail(kCryptoCall, drain_errors());
  return EvpKey(key);
}

std::string point_of(const EVP_PKEY* key) {
  std::string out;
  if (EVP_PKEY_id(key) == EVP_PKEY_X25519) {
    std::size_t size = kX25519Share;
    out.resize(size);
    EVP_PKEY_get_raw_public_key(key, room(out), &size);
    return out;
  }
  const EC_KEY* const ec = EVP_PKEY_get0_EC_KEY(key);
  const EC_GROUP* const group = EC_KEY_get0_group(ec);
  const EC_POINT* const point = EC_KEY_get0_public_key(ec);
  out.resize(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, nullptr, 0, nullptr));
  EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, room(out), out.size(), nullptr);
  return out;
}

Result<EvpKey> peer_key(const EVP_PKEY* ours, Bytes theirs) {
  EvpKey out;
  if (EVP_PKEY_id(ours) == EVP_PKEY_X25519) {
    out.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, as_u8(theirs), theirs.size()));
  } else {
    const EC_GROUP* const group = EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(ours));
    const Owned<EC_KEY, EC_KEY_free> ec(EC_KEY_new());
    const Owned<EC_POINT, EC_POINT_free> point(EC_POINT_new(group));
    // The point is looked for on the curve by the library: an invalid one would tell parts of the key.
    if (ec && point && EC_KEY_set_group(ec.get(), group) == 1 &&
        EC_POINT_oct2point(group, point.get(), as_u8(theirs), theirs.size(), nullptr) == 1 &&
        EC_KEY_set_public_key(ec.get(), point.get()) == 1) {
      out.reset(EVP_PKEY_new());
      if (out) EVP_PKEY_set1_EC_KEY(out.get(), ec.get());
    }
  }
  if (!out) return fail(kBadShare, drain_errors());
  return out;
}

Result<std::string> derive(EVP_PKEY* ours, Bytes theirs) {
  TRY(const EvpKey peer, peer_key(ours, theirs));
  const EvpKeyCtx ctx(EVP_PKEY_CTX_new(ours, nullptr));
  std::size_t size = 0;
  if (!ctx || EVP_PKEY_derive_init(ctx.get()) != 1 || EVP_PKEY_derive_set_peer(ctx.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(ctx.get(), nullptr, &size) != 1)
    return fail(kBadShare, drain_errors());
  std::string out(size, '\0');
  if (EVP_PKEY_derive(ctx.get(), room(out), &size) != 1) return fail(kBadShare, drain_errors());
  out.resize(size);
  return out;
}

}  // namespace

Result<KeyShare> KeyShare::make(Agreement kind) {
  KeyShare out(kind);
  if (kind == Agreement::dh2048 || kind == Agreement::dh4096) {
    TRY_VOID(out.make_dh());
    return out;
  }
  if (kind == Agreement::mlkem768_x25519) TRY_VOID(out.make_kem());
  TRY(out.key_, make_pair(kind));
  out.ours_ += point_of(out.key_.get());
  return out;
}

Result<> KeyShare::make_kem() {
  const EvpKeyCtx ctx(EVP_PKEY_CTX_new_id(EVP_PKEY_KEM, nullptr));
  EVP_PKEY* key = nullptr;
  std::size_t size = 0;
  if (!ctx || EVP_PKEY_CTX_kem_set_params(ctx.get(), NID_MLKEM768) != 1 ||
      EVP_PKEY_keygen_init(ctx.get()) != 1 || EVP_PKEY_keygen(ctx.get(), &key) != 1)
    return fail(kCryptoCall, drain_errors());
  kem_.reset(key);
  if (EVP_PKEY_get_raw_public_key(key, nullptr, &size) != 1) return fail(kCryptoCall, drain_errors());
  ours_.resize(size);
  if (EVP_PKEY_get_raw_public_key(key, room(ours_), &size) != 1) return fail(kCryptoCall, drain_errors());
  return {};
}

Result<> KeyShare::make_dh() {
  prime_.reset(kind_ == Agreement::dh2048 ? BN_get_rfc3526_prime_2048(nullptr)
                                          : BN_get_rfc3526_prime_4096(nullptr));
  exponent_.reset(BN_new());
  const BignumPtr two(BN_new()), share(BN_new());
  const Owned<BN_CTX, BN_CTX_free> ctx(BN_CTX_new());
  if (!prime_ || !exponent_ || !two || !share || !ctx || BN_set_word(two.get(), 2) != 1 ||
      BN_rand(exponent_.get(), kExponentBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) != 1 ||
      BN_mod_exp(share.get(), two.get(), exponent_.get(), prime_.get(), ctx.get()) != 1)
    return fail(kCryptoCall, drain_errors());
  ours_.resize(BN_num_bytes(share.get()));
  BN_bn2bin(share.get(), room(ours_));
  return {};
}

Result<std::string> KeyShare::shared(Bytes theirs) const {
  if (exponent_) return shared_dh(theirs);
  if (kem_) return shared_hybrid(theirs);
  return derive(key_.get(), theirs);
}

Result<std::string> KeyShare::shared_dh(Bytes theirs) const {
  const BignumPtr share(BN_bin2bn(as_u8(theirs), theirs.size(), nullptr)), top(BN_dup(prime_.get())),
      secret(BN_new());
  const Owned<BN_CTX, BN_CTX_free> ctx(BN_CTX_new());
  if (!share || !top || !secret || !ctx || BN_sub_word(top.get(), 1) != 1)
    return fail(kCryptoCall, drain_errors());
  // RFC 4253 8: 1 < share < p - 1, or the secret is known to everybody.
  if (BN_cmp_word(share.get(), 1) <= 0 || BN_cmp(share.get(), top.get()) >= 0) return fail(kBadShare);
  if (BN_mod_exp(secret.get(), share.get(), exponent_.get(), prime_.get(), ctx.get()) != 1)
    return fail(kCryptoCall, drain_errors());
  std::string out(BN_num_bytes(secret.get()), '\0');
  BN_bn2bin(secret.get(), room(out));
  return out;
}

Result<std::string> KeyShare::shared_hybrid(Bytes theirs) const {
  if (theirs.size() != kMlkemCiphertext + kX25519Share) return fail(kBadShare, "of a wrong length");
  const EvpKeyCtx ctx(EVP_PKEY_CTX_new(kem_.get(), nullptr));
  std::string out(32, '\0');
  std::size_t size = out.size();
  if (!ctx || EVP_PKEY_decapsulate(ctx.get(), room(out), &size, as_u8(theirs), kMlkemCiphertext) != 1)
    return fail(kBadShare, drain_errors());
  TRY(const std::string rest, derive(key_.get(), theirs.subspan(kMlkemCiphertext)));
  return out + rest;
}

}  // namespace sally::crypto
