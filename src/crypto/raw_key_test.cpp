#include "crypto/raw_key.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/ecdsa.h>
#include <openssl/nid.h>
#include <openssl/rsa.h>

#include "crypto/digest.h"

namespace sally::crypto {
namespace {

std::string bytes_of(const BIGNUM* n) {
  std::string out(BN_num_bytes(n), '\0');
  BN_bn2bin(n, reinterpret_cast<std::uint8_t*>(out.data()));
  return out;
}

TEST(RawKey, Rsa) {
  const Owned<RSA, RSA_free> rsa(RSA_new());
  const BignumPtr e(BN_new());
  BN_set_word(e.get(), RSA_F4);
  ASSERT_EQ(RSA_generate_key_ex(rsa.get(), 2048, e.get(), nullptr), 1);
  const auto key = RawKey::rsa(as_bytes(bytes_of(RSA_get0_n(rsa.get()))), as_bytes(bytes_of(e.get())));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->bits(), 2048u);
  const std::string digest = digest_of(Digest::sha512, as_bytes(std::string_view("text")));
  std::string signature(RSA_size(rsa.get()), '\0');
  unsigned size = 0;
  ASSERT_EQ(RSA_sign(NID_sha512, reinterpret_cast<const std::uint8_t*>(digest.data()), digest.size(),
                     reinterpret_cast<std::uint8_t*>(signature.data()), &size, rsa.get()),
            1);
  EXPECT_TRUE(key->vouches_for(as_bytes(std::string_view("text")), as_bytes(signature), Digest::sha512));
  EXPECT_FALSE(key->vouches_for(as_bytes(std::string_view("text")), as_bytes(signature), Digest::sha256));
  EXPECT_FALSE(key->vouches_for(as_bytes(std::string_view("tex")), as_bytes(signature), Digest::sha512));
}

TEST(RawKey, EcdsaWithItsNumbersApart) {
  const Owned<EC_KEY, EC_KEY_free> ec(EC_KEY_new_by_curve_name(NID_secp384r1));
  ASSERT_EQ(EC_KEY_generate_key(ec.get()), 1);
  std::string point(97, '\0');
  EC_POINT_point2oct(EC_KEY_get0_group(ec.get()), EC_KEY_get0_public_key(ec.get()),
                     POINT_CONVERSION_UNCOMPRESSED, reinterpret_cast<std::uint8_t*>(point.data()),
                     point.size(), nullptr);
  const auto key = RawKey::ecdsa(384, as_bytes(point));
  ASSERT_TRUE(key);
  const std::string digest = digest_of(Digest::sha384, as_bytes(std::string_view("text")));
  const Owned<ECDSA_SIG, ECDSA_SIG_free> sig(
      ECDSA_do_sign(reinterpret_cast<const std::uint8_t*>(digest.data()), digest.size(), ec.get()));
  const std::string r = bytes_of(ECDSA_SIG_get0_r(sig.get())), s = bytes_of(ECDSA_SIG_get0_s(sig.get()));
  const Bytes text = as_bytes(std::string_view("text"));
  EXPECT_TRUE(key->vouches_for(text, as_bytes(r), as_bytes(s), Digest::sha384));
  EXPECT_FALSE(key->vouches_for(text, as_bytes(s), as_bytes(r), Digest::sha384));
  EXPECT_FALSE(key->vouches_for(text, as_bytes(std::string(100, 'x')), as_bytes(s), Digest::sha384));
}

TEST(RawKey, WhatIsNoKeyIsRefused) {
  const Bytes nothing = as_bytes(std::string_view(""));
  EXPECT_FALSE(RawKey::rsa(nothing, nothing));
  EXPECT_FALSE(RawKey::rsa(as_bytes(std::string(5000, 'n')), as_bytes(std::string_view("\3"))));
  EXPECT_FALSE(RawKey::ecdsa(256, as_bytes(std::string(65, '\4'))));
  EXPECT_FALSE(RawKey::ecdsa(255, as_bytes(std::string(65, '\4'))));
  EXPECT_FALSE(RawKey::ed25519(as_bytes(std::string(31, 'k'))));
}

}  // namespace
}  // namespace sally::crypto
