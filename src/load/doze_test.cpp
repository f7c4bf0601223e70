#include "load/doze.h"

#include <gtest/gtest.h>

namespace sally::load {
namespace {

using namespace std::chrono_literals;

/// `each` from one answer to the next, for 20 ms: what follows the last one.
Duration after(Duration each, std::uint64_t open) {
  Doze doze;
  TimePoint now{1000s};
  Duration last{};
  for (std::uint64_t ended = 1; now < TimePoint(1000s) + 20ms; ++ended, now += each)
    last = doze.next(now, ended, open);
  return last;
}

TEST(Doze, IsAnEighthOfTheServersWork) {
  EXPECT_EQ(after(10us, 64), 80us);
  EXPECT_EQ(after(20us, 64), 160us);
}

TEST(Doze, IsNeverLongAndNotWorthItWhenShort) {
  EXPECT_EQ(after(20us, 1000), 250us);
  EXPECT_EQ(after(30us, 1), 0s) << "one request at a time is waited for";
  EXPECT_EQ(after(1us, 256), 0s);
}

TEST(Doze, KnowsNothingAtTheBeginning) {
  Doze doze;
  EXPECT_EQ(doze.next(TimePoint(1000s), 0, 64), 0s);
  EXPECT_EQ(doze.next(TimePoint(1000s) + 1ms, 10, 64), 0s);
}

TEST(Doze, WaitsForAServerThatStandsStill) {
  Doze doze;
  TimePoint now{1000s};
  for (std::uint64_t ended = 1; ended < 1000; ++ended, now += 20us) doze.next(now, ended, 64);
  EXPECT_EQ(doze.next(now, 1000, 64), 160us);
  EXPECT_EQ(doze.next(now + 160us, 1000, 64), 0s);
  EXPECT_EQ(doze.next(now + 1s, 1000, 64), 0s);
}

}  // namespace
}  // namespace sally::load
