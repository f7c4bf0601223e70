#include "base/counter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <thread>

namespace sally {
namespace {

TEST(LatencyHistogram, PutsADurationIntoTheFirstBucketThatHoldsIt) {
  LatencyHistogram h;
  h.add(0);
  h.add(100);
  h.add(101);
  h.add(60'000'000);
  h.add(60'000'001);
  EXPECT_EQ(h.count(0), 2u);
  EXPECT_EQ(h.count(1), 1u);
  EXPECT_EQ(h.count(LatencyHistogram::kBuckets - 2), 1u);
  EXPECT_EQ(h.count(LatencyHistogram::kBuckets - 1), 1u);
  EXPECT_EQ(h.sum_microseconds(), 120'000'202u);
}

TEST(NamedCounters, CountEachNameAndTheRestTogether) {
  NamedCounters counters;
  std::array<std::string, NamedCounters::kNames + 2> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = "name" + std::to_string(i);
  for (const std::string& name : names) counters.add(name);
  counters.add(names.front(), 4);
  std::map<std::string, std::uint64_t, std::less<>> seen;
  counters.each([&](std::string_view name, std::uint64_t count) { seen[std::string(name)] = count; });
  EXPECT_EQ(seen.size(), NamedCounters::kNames + 1);
  EXPECT_EQ(seen["name0"], 5u);
  EXPECT_EQ(seen["other"], 2u);
}

TEST(NamedCounters, AreReadWhileTheyAreWritten) {
  NamedCounters counters;
  std::jthread writer([&](const std::stop_token& stop) {
    do {
      counters.add("a");
      counters.add("b");
    } while (!stop.stop_requested());
  });
  std::uint64_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    std::uint64_t all = 0;
    counters.each([&](std::string_view, std::uint64_t count) { all += count; });
    EXPECT_GE(all, last);
    last = all;
  }
  writer.request_stop();
  writer.join();
  std::uint64_t all = 0;
  counters.each([&](std::string_view, std::uint64_t count) { all += count; });
  EXPECT_GE(all, std::max<std::uint64_t>(last, 2));
}

}  // namespace
}  // namespace sally
