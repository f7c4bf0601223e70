#include "crypto/keyed_hash.h"

#include <gtest/gtest.h>

namespace sally::crypto {
namespace {

TEST(KeyedHash, IsTheSameUnderOneKeyAlone) {
  const KeyedHash one, other;
  EXPECT_EQ(one(as_bytes("a")), one(as_bytes("a")));
  EXPECT_NE(one(as_bytes("a")), one(as_bytes("b")));
  EXPECT_NE(one(as_bytes("a")), other(as_bytes("a")));
}

}  // namespace
}  // namespace sally::crypto
