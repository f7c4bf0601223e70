#include "quic/address_tokens.h"

#include <gtest/gtest.h>

namespace sally::quic {
namespace {

const SocketAddress kClient = *SocketAddress::numeric("192.0.2.1", 4000);
const SocketAddress kOtherPort = *SocketAddress::numeric("192.0.2.1", 4001);
const SocketAddress kOther = *SocketAddress::numeric("192.0.2.2", 4000);
constexpr std::int64_t kNow = 1'700'000'000;

TEST(AddressTokens, RetryGivesTheFirstIdBack) {
  const AddressTokens tokens;
  const std::string token = tokens.for_retry(kClient, as_bytes("first-id"), kNow);
  EXPECT_LE(token.size(), AddressTokens::kMost);
  EXPECT_TRUE(AddressTokens::is_of_retry(token));
  EXPECT_EQ(tokens.open_retry(token, kClient, kNow + 10), "first-id");
}

TEST(AddressTokens, RetryHoldsForOneAddressPortAndTime) {
  const AddressTokens tokens, others;
  const std::string token = tokens.for_retry(kClient, as_bytes("first-id"), kNow);
  EXPECT_FALSE(tokens.open_retry(token, kClient, kNow + 11));
  EXPECT_FALSE(tokens.open_retry(token, kClient, kNow - 1));
  EXPECT_FALSE(tokens.open_retry(token, kOtherPort, kNow));
  EXPECT_FALSE(tokens.open_retry(token, kOther, kNow));
  EXPECT_FALSE(others.open_retry(token, kClient, kNow));
  EXPECT_FALSE(tokens.opens_later(token, kClient, kNow));
}

TEST(AddressTokens, LaterHoldsForTheAddressOnAnyPort) {
  const AddressTokens tokens;
  const std::string token = tokens.for_later(kClient, kNow);
  EXPECT_TRUE(tokens.opens_later(token, kOtherPort, kNow + 3600));
  EXPECT_FALSE(tokens.opens_later(token, kOther, kNow));
  EXPECT_FALSE(tokens.opens_later(token, kClient, kNow + 25 * 3600));
  EXPECT_FALSE(AddressTokens::is_of_retry(token));
}

TEST(AddressTokens, EveryChangedBitIsNoticed) {
  const AddressTokens tokens;
  const std::string token = tokens.for_retry(kClient, as_bytes("first-id"), kNow);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    EXPECT_FALSE(tokens.open_retry(changed, kClient, kNow)) << i;
  }
  EXPECT_FALSE(tokens.open_retry("", kClient, kNow));
  EXPECT_FALSE(tokens.open_retry(token.substr(0, 20), kClient, kNow));
}

}  // namespace
}  // namespace sally::quic
