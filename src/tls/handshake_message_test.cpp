#include "tls/handshake_message.h"

#include <gtest/gtest.h>

namespace sally::tls {
namespace {

TEST(HandshakeMessage, IsNamedByItsType) {
  const std::string finished = std::string("\x14\x00\x00\x0c", 4) + std::string(12, 'x');
  const HandshakeMessage m = describe_message(true, as_bytes(std::string_view(finished)), TimePoint{});
  EXPECT_EQ(m.name(), "Finished");
  EXPECT_TRUE(m.from_client);
  EXPECT_EQ(m.bytes, 16u);
  EXPECT_EQ((HandshakeMessage{.type = 99}).name(), "message 99");
}

TEST(HandshakeMessage, ARetryRequestIsToldByItsRandom) {
  constexpr std::string_view kRandom =
      "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91"
      "\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C";
  std::string hello =
      std::string("\x02\x00\x00\x28\x03\x03", 6) + std::string(kRandom) + std::string(6, '\0');
  const auto name = [&] {
    return describe_message(false, as_bytes(std::string_view(hello)), TimePoint{}).name();
  };
  EXPECT_EQ(name(), "HelloRetryRequest");
  hello[8] ^= 1;
  EXPECT_EQ(name(), "ServerHello");
}

TEST(HandshakeMessage, ShortBytesAreNoMessage) {
  EXPECT_EQ(describe_message(false, as_bytes(std::string_view("\x02\x00")), TimePoint{}).type, 0);
}

}  // namespace
}  // namespace sally::tls
