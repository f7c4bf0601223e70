#include "crypto/digest.h"

#include <gtest/gtest.h>

#include "crypto/entropy.h"

namespace sally::crypto {
namespace {

TEST(Digest, Sha256OfTheStandardsExample) {  // FIPS 180-4, "abc"
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
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
