#include "tls/suite_facts.h"

#include <gtest/gtest.h>

#include "tls/suite_names.h"

namespace sally::tls {
namespace {

TEST(SuiteNames, RowsAreInOrderAndFoundByCode) {
  std::uint32_t before = 0;
  for (const SuiteName& row : registered_suites()) {
    EXPECT_LT(before, row.code) << row.name;
    before = row.code;
    EXPECT_EQ(suite_name(row.code), row.name);
  }
  EXPECT_EQ(suite_name(0x0000), "");
  EXPECT_EQ(suite_name(0x00ff), "");
  EXPECT_EQ(suite_name(0xffff), "");
}

TEST(SuiteFacts, EachSuiteHasAStrengthUnlessItEncryptsNothing) {
  for (const SuiteName& row : registered_suites()) {
    const SuiteFacts f = suite_facts(row.code);
    EXPECT_EQ(f.bits == 0, f.null_cipher) << row.name;
    EXPECT_EQ(f.bits > 0 && f.bits < 112, (row.name.contains("EXPORT") || row.name.contains("WITH_DES_CBC")))
        << row.name;
  }
}

struct Case {
  std::uint16_t code;
  bool tls13, forward, anonymous, exported, cbc, block64, aead, rsa;
  unsigned bits;
};

TEST(SuiteFacts, OfKnownSuites) {
  const Case cases[] = {
      {0x1301, true, true, false, false, false, false, true, false, 128},   // TLS_AES_128_GCM_SHA256
      {0xc02f, false, true, false, false, false, false, true, false, 128},  // ECDHE_RSA AES_128_GCM
      {0xcca9, false, true, false, false, false, false, true, false, 256},  // ECDHE_ECDSA CHACHA20
      {0x002f, false, false, false, false, true, false, false, true, 128},  // RSA AES_128_CBC_SHA
      {0x000a, false, false, false, false, true, true, false, true, 112},   // RSA 3DES
      {0x0003, false, false, false, true, false, false, false, true, 40},   // RSA_EXPORT RC4_40
      {0x0014, false, false, false, true, true, true, false, false, 40},    // DHE_RSA_EXPORT DES40
      {0x0034, false, true, true, false, true, false, false, false, 128},   // DH_anon AES_128_CBC
      {0xc09f, false, true, false, false, false, false, true, false, 256},  // DHE_RSA AES_256_CCM
  };
  for (const Case& c : cases) {
    const SuiteFacts f = suite_facts(c.code);
    SCOPED_TRACE(f.name);
    EXPECT_EQ(f.tls13, c.tls13);
    EXPECT_EQ(f.forward_secret, c.forward);
    EXPECT_EQ(f.anonymous, c.anonymous);
    EXPECT_EQ(f.exported, c.exported);
    EXPECT_EQ(f.cbc, c.cbc);
    EXPECT_EQ(f.block64, c.block64);
    EXPECT_EQ(f.aead, c.aead);
    EXPECT_EQ(f.rsa_transport, c.rsa);
    EXPECT_EQ(f.bits, c.bits);
  }
}

TEST(SuiteFacts, OfAnUnknownCode) {
  const SuiteFacts f = suite_facts(0x0a0a);  // GREASE (RFC 8701)
  EXPECT_TRUE(f.name.empty());
  EXPECT_EQ(f.bits, 0u);
}

}  // namespace
}  // namespace sally::tls
