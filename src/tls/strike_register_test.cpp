#include "tls/strike_register.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace sally::tls {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

StrikeRegister::Mark mark(int number) {
  return StrikeRegister::mark_of(as_bytes("ticket " + std::to_string(number)));
}

TEST(StrikeRegister, TakesATicketOnce) {
  StrikeRegister used;
  EXPECT_TRUE(used.first_use(mark(1), kNow));
  EXPECT_FALSE(used.first_use(mark(1), kNow));
  EXPECT_TRUE(used.first_use(mark(2), kNow));
}

TEST(StrikeRegister, RemembersAsLongAsACopyCouldLookFresh) {
  for (const std::int64_t first : {0, 1, 75, 149, 150, 299}) {
    StrikeRegister used;
    used.first_use(mark(0), kNow);  // what begins the first time
    EXPECT_TRUE(used.first_use(mark(1), kNow + first));
    for (int i = 2; i < 40; ++i) used.first_use(mark(i), kNow + first + i);
    EXPECT_FALSE(used.first_use(mark(1), kNow + first + StrikeRegister::kRemembered)) << first;
  }
}

TEST(StrikeRegister, ForgetsInTheEnd) {
  StrikeRegister used(16);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += used.first_use(mark(i), kNow) ? 1 : 0;
  EXPECT_EQ(taken, 16);
  for (int i = 1000; i < 2000; ++i)
    taken += used.first_use(mark(i), kNow + 2 * StrikeRegister::kRemembered) ? 1 : 0;
  EXPECT_EQ(taken, 32);
}

TEST(StrikeRegister, RefusesWhenTheClockGoesBack) {
  StrikeRegister used;
  for (int i = 0; i < 1000; ++i) used.first_use(mark(i), kNow + 1000);
  for (int i = 1000; i < 1100; ++i) EXPECT_FALSE(used.first_use(mark(i), kNow)) << i;
  for (int i = 1100; i < 1200; ++i) EXPECT_TRUE(used.first_use(mark(i), kNow + 999)) << i;
}

TEST(StrikeRegister, IsAskedByManyAtOnce) {
  StrikeRegister used;
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) taken += used.first_use(mark(i), kNow) ? 1 : 0;
      });
  }
  EXPECT_EQ(taken, 2000);
}

}  // namespace
}  // namespace sally::tls
