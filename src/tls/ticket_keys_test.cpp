#include "tls/ticket_keys.h"

#include <gtest/gtest.h>

namespace sally::tls {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes sealed(const TicketKeys& keys, const Bytes& plain) {
  Bytes out(plain.size() + TicketKeys::kOverhead);
  out.resize(keys.seal("site", out, plain).value_or(0));
  return out;
}

bool opens(const TicketKeys& keys, const Bytes& ticket) {
  Bytes out(ticket.size());
  return keys.open("site", out, ticket).has_value();
}

TEST(TicketKeys, OfAProcessBeforeStillOpenItsTickets) {
  TicketKeys before(2), after(2);
  const Bytes older = sealed(before, {1, 2, 3});
  before.rotate();
  const Bytes newer = sealed(before, {1, 2, 3});
  EXPECT_FALSE(opens(after, newer));
  ASSERT_TRUE(after.adopt(before.secrets()));
  EXPECT_TRUE(opens(after, newer));
  EXPECT_TRUE(opens(after, older));
  EXPECT_FALSE(opens(before, sealed(after, {4}))) << "it seals with a key of its own";
  after.rotate();
  EXPECT_TRUE(opens(after, sealed(after, {4})));
  after.rotate();
  EXPECT_FALSE(opens(after, older)) << "adopted keys fall out as others do";
}

TEST(TicketKeys, AdoptNothingThatIsNoKeys) {
  TicketKeys keys(2);
  EXPECT_FALSE(keys.adopt("short"));
  EXPECT_TRUE(keys.adopt(""));
}

}  // namespace
}  // namespace sally::tls
