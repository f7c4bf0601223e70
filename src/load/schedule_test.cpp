#include "load/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace sally::load {
namespace {

using namespace std::chrono_literals;
constexpr TimePoint kStart{1000s};

TEST(Schedule, GivesEachOneItsTime) {
  Schedule s(kStart, 1000, 0, 1);
  EXPECT_EQ(s.take(kStart - 1ns), std::nullopt);
  EXPECT_EQ(s.take(kStart), kStart);
  EXPECT_EQ(s.take(kStart), std::nullopt);
  EXPECT_EQ(s.due(), kStart + 1ms);
  EXPECT_EQ(s.take(kStart + 5ms), kStart + 1ms);
}

TEST(Schedule, APauseIsMadeUpForWithTheTimesThatWereMeant) {
  Schedule s(kStart, 100, 0, 1);
  std::vector<TimePoint> taken;
  while (const auto at = s.take(kStart + 1s)) taken.push_back(*at);
  ASSERT_EQ(taken.size(), 101u);
  EXPECT_EQ(taken.front(), kStart);
  EXPECT_EQ(taken[50], kStart + 500ms);
}

TEST(Schedule, ThreadsShareTheRate) {
  std::vector<TimePoint> all;
  for (unsigned thread = 0; thread < 3; ++thread) {
    Schedule s(kStart, 300, thread, 3);
    while (const auto at = s.take(kStart + 999ms)) all.push_back(*at);
  }
  std::ranges::sort(all);
  ASSERT_EQ(all.size(), 300u);
  for (std::size_t i = 1; i < all.size(); ++i) ASSERT_GE(all[i] - all[i - 1], 3333333ns - 2ns);
}

TEST(Schedule, DoesNotDriftInAnHour) {
  Schedule s(kStart, 3, 0, 1);
  for (int i = 0; i < 3 * 3600; ++i) ASSERT_TRUE(s.take(kStart + 1h));
  EXPECT_LT(s.due() - (kStart + 1h), 1us);
  EXPECT_GT(s.due() - (kStart + 1h), -1us);
}

TEST(Schedule, KnowsWhatItWouldStillHaveSent) {
  Schedule s(kStart, 100, 0, 1);
  EXPECT_EQ(s.left_before(kStart + 1s), 100u);
  for (int i = 0; i < 40; ++i) s.take(kStart + 1s);
  EXPECT_EQ(s.left_before(kStart + 1s), 60u);
  EXPECT_EQ(s.left_before(kStart), 0u);
}

}  // namespace
}  // namespace sally::load
