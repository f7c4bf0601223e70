#include "upstream/board.h"

#include <gtest/gtest.h>

#include <thread>

namespace sally::upstream {
namespace {

TEST(Board, IsOneForAllWhoAsk) {
  Board board;
  const auto a = board.find("site", "10.0.0.1:80");
  EXPECT_EQ(board.find("site", "10.0.0.1:80"), a);
  EXPECT_NE(board.find("other", "10.0.0.1:80"), a);
  EXPECT_EQ(board.rows().size(), 1U) << "nobody holds the other one";
}

TEST(Board, DrainsAnAddressEverywhereAndForLater) {
  Board board;
  const auto a = board.find("one", "a:1"), b = board.find("two", "a:1"), c = board.find("two", "b:1");
  EXPECT_EQ(board.drain("a:1", true), 2U);
  EXPECT_TRUE(a->draining && b->draining);
  EXPECT_FALSE(c->draining);
  EXPECT_TRUE(board.find("three", "a:1")->draining) << "a reload does not undo it";
  EXPECT_EQ(board.drain("a:1", false), 2U);
  EXPECT_FALSE(a->draining || b->draining);
  EXPECT_FALSE(board.find("four", "a:1")->draining);
  EXPECT_EQ(board.drain("none:1", true), 0U);
}

TEST(Posted, TheLimitHoldsOverAllThreads) {
  Posted posted;
  std::atomic<std::uint32_t> entered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) entered += posted.enter(500) ? 1 : 0;
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(entered, 500U);
  posted.leave();
  EXPECT_TRUE(posted.enter(500));
  EXPECT_FALSE(posted.enter(500));
}

TEST(Posted, CountsOverAllCoresAndThoseThatWere) {
  Posted posted;
  const auto one = posted.join();
  auto other = posted.join();
  one->requests.add(3);
  one->ended.add(1);
  other->requests.add(2);
  other->ended.add(2);
  other->failures.add(1);
  other.reset();
  for (int i = 0; i < 2; ++i) {
    const Posted::Totals totals = posted.totals();
    EXPECT_EQ(totals.requests, 5U);
    EXPECT_EQ(totals.active, 2U);
    EXPECT_EQ(totals.failures, 1U);
  }
}

}  // namespace
}  // namespace sally::upstream
