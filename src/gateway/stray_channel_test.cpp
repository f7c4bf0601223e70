#include "gateway/stray_channel.h"

#include <gtest/gtest.h>

namespace sally::gateway {
namespace {

StrayDatagram some(const char* local, const char* remote) {
  return {0, "datagram", *SocketAddress::numeric(local, 443), *SocketAddress::numeric(remote, 50000), 2};
}

TEST(StrayChannel, CarriesADatagramWithBothAddresses) {
  auto ends = StrayChannel::make();
  ASSERT_TRUE(ends.has_value());
  StrayChannel from, to;
  from.use(std::move(ends->first));
  to.use(std::move(ends->second));
  EXPECT_FALSE(to.take().has_value());
  from.give(some("127.0.0.1", "192.0.2.7"));
  from.give(some("2001:db8::1", "2001:db8::2"));
  const auto first = to.take(), second = to.take();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->bytes, "datagram");
  EXPECT_EQ(first->local.text(), "127.0.0.1:443");
  EXPECT_EQ(first->remote.text(), "192.0.2.7:50000");
  EXPECT_EQ(first->ecn, 2);
  EXPECT_EQ(second->remote.text(), "[2001:db8::2]:50000");
}

TEST(StrayChannel, ClosesWhenTheOtherEndHasGone) {
  auto ends = StrayChannel::make();
  ASSERT_TRUE(ends.has_value());
  StrayChannel from;
  EXPECT_FALSE(from.open());
  from.use(std::move(ends->first));
  EXPECT_TRUE(from.open());
  ends->second = Fd();
  from.give(some("127.0.0.1", "192.0.2.7"));
  EXPECT_FALSE(from.open());
}

TEST(StrayChannel, RefusesWhatIsCutShort) {
  const std::string whole = pack_stray(some("127.0.0.1", "2001:db8::2"));
  const std::size_t head = whole.size() - std::string_view("datagram").size();
  for (std::size_t n = 0; n <= head; ++n)
    EXPECT_FALSE(unpack_stray(as_bytes(std::string_view(whole).substr(0, n)))) << n;
  EXPECT_TRUE(unpack_stray(as_bytes(whole)).has_value());
}

}  // namespace
}  // namespace sally::gateway
