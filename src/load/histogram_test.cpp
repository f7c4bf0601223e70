#include "load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace sally::load {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, IsEmptyAtFirst) {
  const Histogram h;
  EXPECT_EQ(h.count(), 0u);
  EXPECT_EQ(h.at_percentile(50), 0ns);
  EXPECT_EQ(h.mean(), 0ns);
  EXPECT_EQ(h.least(), 0ns);
}

TEST(Histogram, AgreesWithTheSortedListToAThousandth) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> times(12, 3);
  Histogram h;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 200'000; ++i) {
    const auto t = static_cast<std::int64_t>(std::min(times(random), 4e12));
    all.push_back(t);
    h.record(Duration(t));
  }
  std::ranges::sort(all);
  for (const double p : {0.001, 1.0, 50.0, 75.0, 90.0, 99.0, 99.9, 99.99, 99.999, 100.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(p / 100 * static_cast<double>(all.size())));
    const auto exact = static_cast<double>(all[std::max<std::size_t>(rank, 1) - 1]);
    const auto told = static_cast<double>(h.at_percentile(p).count());
    EXPECT_GE(told, exact) << p;
    EXPECT_LE(told, exact * 1.001) << p;
  }
  EXPECT_EQ(h.least().count(), all.front());
  EXPECT_EQ(h.greatest().count(), all.back());
}

TEST(Histogram, IsExactForShortTimes) {
  Histogram h;
  for (int t = 0; t < 2048; ++t) h.record(Duration(t));
  for (std::uint64_t rank = 1; rank <= 2048; ++rank)
    ASSERT_EQ(h.at_rank(rank).count(), static_cast<std::int64_t>(rank) - 1);
}

TEST(Histogram, KeepsEveryPowerOfTwoAndItsNeighbours) {
  for (unsigned bits = 1; bits < 42; ++bits) {
    for (const std::int64_t t :
         {(std::int64_t{1} << bits) - 1, std::int64_t{1} << bits, (std::int64_t{1} << bits) + 1}) {
      Histogram h;
      h.record(Duration(t));
      h.record(Duration(t * 2));  // so that the greatest one does not hide the class
      const std::int64_t told = h.at_rank(1).count();
      ASSERT_GE(told, t);
      ASSERT_LE(static_cast<double>(told), static_cast<double>(t) * 1.001);
    }
  }
}

TEST(Histogram, WhatIsTooLongOrNegativeStillCounts) {
  Histogram h;
  h.record(-5s);
  h.record(std::chrono::hours(100));
  EXPECT_EQ(h.count(), 2u);
  EXPECT_EQ(h.at_rank(1), 0ns);
  EXPECT_EQ(h.greatest(), std::chrono::hours(100));
}

TEST(Histogram, TwoAddUp) {
  Histogram a, b, both;
  for (int i = 1; i <= 1000; ++i) {
    (i % 3 == 0 ? a : b).record(Duration(i * 977));
    both.record(Duration(i * 977));
  }
  a.add(b);
  a.add(Histogram());
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.least(), both.least());
  EXPECT_EQ(a.greatest(), both.greatest());
  EXPECT_EQ(a.mean(), both.mean());
  for (std::uint64_t rank = 1; rank <= 1000; ++rank) ASSERT_EQ(a.at_rank(rank), both.at_rank(rank));
}

TEST(Histogram, CountsWhatLiesBetween) {
  Histogram h;
  for (int i = 1; i <= 100; ++i) h.record(Duration(i));
  EXPECT_EQ(h.between(0ns, 100ns), 100u);
  EXPECT_EQ(h.between(10ns, 20ns), 10u);
  EXPECT_EQ(h.between(100ns, 200ns), 0u);
}

}  // namespace
}  // namespace sally::load
