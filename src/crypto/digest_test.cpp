#include "crypto/digest.h"

#include <gtest/gtest.h>

#include "crypto/entropy.h"

namespace sally::crypto {
namespace {

TEST(Digest, Sha256OfTheStandardsExample) {  // FIPS 180-4, "abc"
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, Sha1OfTheStandardsExample) {  // FIPS 180-4, "abc"
  EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Digest, Base64OfTheStandardsExamples) {  // RFC 4648 10
  const std::string_view text = "foobar";
  const std::string_view expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (std::size_t i = 0; i <= text.size(); ++i) EXPECT_EQ(base64(as_bytes(text.substr(0, i))), expected[i]);
}

TEST(Digest, HexWithSeparator) {
  EXPECT_EQ(hex(as_bytes(std::string_view("\x01\xfe", 2)), ":"), "01:fe");
  EXPECT_EQ(hex({}), "");
}

TEST(Digest, ConstantTimeComparisonIsStillAComparison) {
  EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST(Entropy, TwoDrawsDiffer) {
  const auto one = random_bytes<32>();
  const auto two = random_bytes<32>();
  EXPECT_NE(one, two);
}

}  // namespace
}  // namespace sally::crypto
