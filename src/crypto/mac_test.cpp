#include "crypto/mac.h"

#include <gtest/gtest.h>

#include <string>

namespace sally::crypto {
namespace {

std::string mac(std::string_view secret, std::string_view text) {
  return hex(hmac_sha256(as_bytes(secret), as_bytes(text)));
}

TEST(Hmac, FitsTheVectorsOfItsStandard) {
  EXPECT_EQ(mac("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
      << "RFC 4231 4.3";
  EXPECT_EQ(mac(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
      << "RFC 4231 4.2";
}

}  // namespace
}  // namespace sally::crypto
