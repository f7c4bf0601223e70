#include "load/ledger.h"

#include <gtest/gtest.h>

namespace sally::load {
namespace {

using namespace std::chrono_literals;
constexpr TimePoint kStart{1000s};

TEST(Ledger, ABudgetIsSpentExactly) {
  Ledger ledger({.measured_from = kStart, .end = TimePoint::max(), .budget = 3, .schedule = std::nullopt});
  ledger.set_now(kStart);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ledger.take());
  EXPECT_FALSE(ledger.take());
  EXPECT_TRUE(ledger.is_over());
  EXPECT_FALSE(ledger.is_done());
  ledger.answered(200, kStart);
  ledger.unprocessed(kStart);
  EXPECT_FALSE(ledger.is_over()) << "it is to be asked again";
  ASSERT_TRUE(ledger.take());
  ledger.answered(302, kStart);
  ledger.failed(Failure::reset, kStart);
  EXPECT_TRUE(ledger.is_done());
  EXPECT_EQ(ledger.tally().answered, 2u);
  EXPECT_EQ(ledger.tally().failed(), 1u);
}

TEST(Ledger, AWarmUpIsSentAndNotCounted) {
  Ledger ledger({.measured_from = kStart + 1s, .end = kStart + 2s, .budget = 1, .schedule = std::nullopt});
  ledger.set_now(kStart);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(ledger.take());
    ledger.answered(500, kStart);
  }
  ledger.set_now(kStart + 1s);
  const auto counted = ledger.take();
  ASSERT_TRUE(counted);
  EXPECT_FALSE(ledger.take());
  ledger.answered(200, counted->due);
  EXPECT_EQ(ledger.tally().answered, 1u);
  EXPECT_EQ(ledger.tally().failed(), 0u);
  EXPECT_EQ(ledger.tally().latency.count(), 1u);
  EXPECT_EQ(ledger.ended(), 101u);
}

TEST(Ledger, TimeIsCountedFromWhenARequestWasDue) {
  Ledger ledger({.measured_from = kStart,
                 .end = kStart + 10s,
                 .budget = std::nullopt,
                 .schedule = Schedule(kStart, 10, 0, 1)});
  ledger.set_now(kStart);
  ASSERT_TRUE(ledger.take());
  EXPECT_FALSE(ledger.take()) << "the next one is due after 100 ms";
  EXPECT_FALSE(ledger.is_over());
  ledger.set_now(kStart + 1s);  // everything stood still for a second
  const auto late = ledger.take();
  ASSERT_TRUE(late);
  EXPECT_EQ(late->due, kStart + 100ms);
  EXPECT_EQ(late->at, kStart + 1s);
  ledger.answered(200, late->due);
  EXPECT_EQ(ledger.tally().latency.greatest(), 900ms);
}

TEST(Ledger, WhatWasDueAndNeverSentIsTold) {
  Ledger ledger({.measured_from = kStart,
                 .end = kStart + 10s,
                 .budget = std::nullopt,
                 .schedule = Schedule(kStart, 10, 0, 1)});
  ledger.set_now(kStart + 5s);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(ledger.take());
  ledger.set_now(kStart + 10s);
  EXPECT_FALSE(ledger.take());
  ledger.settle();
  EXPECT_EQ(ledger.tally().unsent, 70u);
}

TEST(Ledger, WhoStopsEarlyOwesNothing) {
  Ledger ledger({.measured_from = kStart,
                 .end = kStart + 10s,
                 .budget = std::nullopt,
                 .schedule = Schedule(kStart, 10, 0, 1)});
  ledger.set_now(kStart + 1s);
  while (ledger.take()) continue;
  ledger.close();
  ledger.settle();
  EXPECT_TRUE(ledger.is_over());
  EXPECT_EQ(ledger.tally().unsent, 0u);
}

TEST(Ledger, AFailedConnectionCostsOneRequest) {
  Ledger ledger({.measured_from = kStart, .end = TimePoint::max(), .budget = 2, .schedule = std::nullopt});
  ledger.set_now(kStart);
  for (int i = 0; i < 5; ++i) ledger.fail_next(Failure::refused);
  EXPECT_TRUE(ledger.is_done());
  EXPECT_EQ(ledger.tally().failures[static_cast<std::size_t>(Failure::refused)], 2u);
}

TEST(Ledger, StatusesAreCountedAndBadOnesAreErrors) {
  Ledger ledger({.measured_from = kStart, .end = TimePoint::max(), .budget = 9, .schedule = std::nullopt});
  ledger.set_now(kStart);
  for (const unsigned status : {200u, 204u, 301u, 404u, 429u, 503u, 999u}) {
    ASSERT_TRUE(ledger.take());
    ledger.answered(status, kStart);
  }
  const Tally& t = ledger.tally();
  EXPECT_EQ(t.statuses, (std::array<std::uint64_t, 6>{1, 0, 2, 1, 2, 1}));
  EXPECT_EQ(t.failures[static_cast<std::size_t>(Failure::status_4xx)], 2u);
  EXPECT_EQ(t.failures[static_cast<std::size_t>(Failure::status_5xx)], 2u);
}

TEST(RateNoise, IsTheIntervalOfTheMean) {
  EXPECT_LT(rate_noise(std::vector<std::uint32_t>(9, 100)), 0) << "too short";
  EXPECT_DOUBLE_EQ(rate_noise(std::vector<std::uint32_t>(10, 100)), 0);
  EXPECT_LT(rate_noise(std::vector<std::uint32_t>(100, 0)), 0);
  // Ten parts of 90 and 110 in turns: standard deviation 10.54, of the mean 3.33, times 2.262, of 100.
  std::vector<std::uint32_t> swings;
  for (int i = 0; i < 10; ++i) swings.push_back(i % 2 == 0 ? 90 : 110);
  EXPECT_NEAR(rate_noise(swings), 0.0754, 0.0001);
}

}  // namespace
}  // namespace sally::load
