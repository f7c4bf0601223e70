#include "check/probes/suite_walk.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sally::check {
namespace {

using Suites = std::vector<std::uint16_t>;

/// The picks of a server that has `own`, of a walk that turns its offer around with each hello.
std::vector<Pick> walk(Suites offered, const Suites& own, bool servers_order) {
  std::vector<Pick> out;
  for (;;) {
    const Suites& first = servers_order ? own : offered;
    const Suites& second = servers_order ? offered : own;
    const auto pick = std::ranges::find_if(
        first, [&](std::uint16_t s) { return std::ranges::find(second, s) != second.end(); });
    if (pick == first.end()) return out;
    const std::uint16_t suite = *pick;
    out.push_back({offered, suite});
    std::erase(offered, suite);
    std::ranges::reverse(offered);
  }
}

const Suites kOffered = {1, 2, 3, 4, 5, 6, 7, 8, 9};

TEST(ServerOrder, OfTheClientIsToldFromTheServers) {
  for (const Suites& own : {Suites{3, 4, 5, 6, 7}, Suites{9, 1, 5, 2, 8, 3}, Suites{8, 6, 4, 2, 1}}) {
    EXPECT_EQ(server_order_of(walk(kOffered, own, false)), false);
    EXPECT_EQ(server_order_of(walk(kOffered, own, true)), true);
  }
}

TEST(ServerOrder, TooFewPicksTellNothing) {
  EXPECT_EQ(server_order_of({}), std::nullopt);
  EXPECT_EQ(server_order_of(walk(kOffered, {5}, true)), std::nullopt);
  EXPECT_EQ(server_order_of(walk(kOffered, {2, 5, 7}, false)), std::nullopt);
}

TEST(ServerOrder, OnePickOutOfTheClientsOrderIsEnough) {
  EXPECT_EQ(server_order_of({{{1, 2, 3}, 2}, {{3, 1}, 1}}), true);
}

}  // namespace
}  // namespace sally::check
