#include "crypto/agreement.h"

#include <gtest/gtest.h>
#include <openssl/nid.h>

namespace sally::crypto {
namespace {

TEST(Agreement, BothSidesGetTheSameSecret) {
  for (const Agreement kind : {Agreement::x25519, Agreement::p256, Agreement::p384, Agreement::p521,
                               Agreement::dh2048, Agreement::dh4096}) {
    const auto a = KeyShare::make(kind), b = KeyShare::make(kind);
    ASSERT_TRUE(a && b);
    const auto one = a->shared(as_bytes(b->ours())), two = b->shared(as_bytes(a->ours()));
    ASSERT_TRUE(one && two);
    EXPECT_EQ(*one, *two);
    EXPECT_NE(a->ours(), b->ours());
  }
}

TEST(Agreement, SharesThatAreNoneAreRefused) {
  for (const Agreement kind :
       {Agreement::x25519, Agreement::p256, Agreement::dh2048, Agreement::mlkem768_x25519}) {
    const auto share = KeyShare::make(kind);
    ASSERT_TRUE(share);
    EXPECT_FALSE(share->shared(as_bytes(std::string_view(""))));
    EXPECT_FALSE(share->shared(as_bytes(std::string(1, '\1'))));
    const std::string zeros(kind == Agreement::x25519 ? 32 : 65, '\0');
    EXPECT_FALSE(share->shared(as_bytes(std::string_view(zeros))));
  }
}

TEST(Agreement, HybridShareIsAnEncapsulationKeyAndAPoint) {
  const auto share = KeyShare::make(Agreement::mlkem768_x25519);
  ASSERT_TRUE(share);
  ASSERT_EQ(share->ours().size(), 1184u + 32u);
  // The server's half, by the library.
  auto* const ours = reinterpret_cast<const std::uint8_t*>(share->ours().data());
  const EvpKey key(EVP_PKEY_kem_new_raw_public_key(NID_MLKEM768, ours, 1184));
  const EvpKeyCtx ctx(EVP_PKEY_CTX_new(key.get(), nullptr));
  std::string sealed(1088, '\0'), secret(32, '\0');
  std::size_t sealed_size = sealed.size(), secret_size = secret.size();
  ASSERT_EQ(EVP_PKEY_encapsulate(ctx.get(), reinterpret_cast<std::uint8_t*>(sealed.data()), &sealed_size,
                                 reinterpret_cast<std::uint8_t*>(secret.data()), &secret_size),
            1);
  const auto point = KeyShare::make(Agreement::x25519);
  ASSERT_TRUE(point);
  const auto got = share->shared(as_bytes(sealed + point->ours()));
  const auto rest = point->shared(as_bytes(share->ours().substr(1184)));
  ASSERT_TRUE(got && rest);
  EXPECT_EQ(*got, secret + *rest);
}

}  // namespace
}  // namespace sally::crypto
