#include "load/compare.h"

#include <gtest/gtest.h>

#include "load/report.h"

namespace sally::load {
namespace {

std::string result(double rate, const char* noise, double us, double low, double high,
                   const char* more = "") {
  return "{\"format\":\"sallyport-load-1\",\"operation\":\"request\",\"per_second\":" + std::to_string(rate) +
         ",\"failed\":0" + noise +
         ",\"latency\":{\"percentiles\":[{\"percentile\":99,\"us\":" + std::to_string(us) +
         ",\"low_us\":" + std::to_string(low) + ",\"high_us\":" + std::to_string(high) + "}]}" + more + "}";
}

Comparison compared(const std::string& a, const std::string& b) {
  const auto before = parse_result(a), after = parse_result(b);
  EXPECT_TRUE(before);
  EXPECT_TRUE(after);
  auto both = compare(*before, *after);
  EXPECT_TRUE(both);
  return *std::move(both);
}

constexpr const char* kSteady = ",\"per_second_noise_percent\":1";

TEST(Compare, TheSameIsWithinNoise) {
  const std::string one = result(1000, kSteady, 50, 49, 51);
  const Comparison both = compared(one, one);
  ASSERT_EQ(both.rows.size(), 2u);
  for (const CompareRow& row : both.rows) {
    EXPECT_EQ(row.change, Change::within_noise);
    EXPECT_DOUBLE_EQ(row.ratio, 1);
  }
  EXPECT_FALSE(both.is_worse());
}

TEST(Compare, SaysWhatIsBeyondNoise) {
  const Comparison both = compared(result(1000, kSteady, 50, 49, 51), result(900, kSteady, 40, 39, 41));
  EXPECT_EQ(both.rows[0].change, Change::worse) << "fewer requests a second";
  EXPECT_EQ(both.rows[1].change, Change::better) << "shorter times";
  EXPECT_DOUBLE_EQ(both.rows[0].ratio, 0.9);
  EXPECT_TRUE(both.is_worse());
}

TEST(Compare, NoiseHidesADifference) {
  const char* const noisy = ",\"per_second_noise_percent\":10";
  EXPECT_FALSE(compared(result(1000, noisy, 50, 10, 90), result(900, noisy, 60, 20, 100)).is_worse());
  EXPECT_FALSE(compared(result(1000, "", 50, 49, 51), result(500, "", 50, 49, 51)).is_worse())
      << "too short to tell";
  EXPECT_FALSE(compared(result(1000, ",\"per_second_noise_percent\":0", 50, 49, 51),
                        result(980, ",\"per_second_noise_percent\":0", 51.5, 51.4, 51.6))
                   .is_worse())
      << "runs differ by some hundredths whatever each says of itself";
}

TEST(Compare, ErrorsThatWereNotThereBeforeAreWorse) {
  std::string bad = result(1000, kSteady, 50, 49, 51);
  bad.replace(bad.find("\"failed\":0"), 10, "\"failed\":7");
  EXPECT_TRUE(compared(result(1000, kSteady, 50, 49, 51), bad).is_worse());
  EXPECT_FALSE(compared(bad, bad).is_worse());
}

TEST(Compare, TellsWhatWasNotTheSame) {
  const Comparison both = compared(result(1000, kSteady, 50, 49, 51, ",\"plan\":{\"connections\":10}"),
                                   result(1000, kSteady, 50, 49, 51, ",\"plan\":{\"connections\":20}"));
  EXPECT_EQ(both.differing, std::vector<std::string>{"connections 10, then connections 20"});
}

TEST(Compare, RefusesWhatIsNoResult) {
  for (const char* text :
       {"", "[]", "{}", "nonsense", "{\"format\":\"sallyport-load-2\"}",
        "{\"format\":\"sallyport-load-1\",\"operation\":1,\"per_second\":1,\"failed\":0}",
        "{\"format\":\"sallyport-load-1\",\"operation\":\"request\",\"per_second\":-1,\"failed\":0}"}) {
    const auto read = parse_result(text);
    ASSERT_FALSE(read) << text;
    EXPECT_TRUE(read.error().is(kBadResult));
  }
  std::string other = result(1, "", 1, 1, 1);
  other.replace(other.find("\"request\""), 9, "\"handshake\"");
  EXPECT_FALSE(compare(*parse_result(result(1, "", 1, 1, 1)), *parse_result(other)));
}

TEST(Report, IsReadBackByTheComparison) {
  Plan plan;
  plan.urls.push_back(*parse_load_url("https://localhost/"));
  Outcome outcome;
  outcome.seconds = 2;
  outcome.noise = 0.01;
  for (int i = 1; i <= 1000; ++i) outcome.tally.latency.record(std::chrono::microseconds(i));
  outcome.tally.answered = 1000;
  outcome.server_before = ProcessCost{1.0, 4096 * 1024, 1};
  outcome.server_after = ProcessCost{1.5, 8192 * 1024, 1};
  outcome.server_most_bytes = 8192 * 1024;
  const auto read = parse_result(load_json(plan, outcome, "1"));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->figures.size(), 1 + kPercentiles.size() + 2);
  EXPECT_EQ(read->figures[0].name, "requests a second");
  EXPECT_DOUBLE_EQ(read->figures[0].value, 500);
  EXPECT_DOUBLE_EQ(read->figures[0].low, 495);
  EXPECT_NEAR(read->figures[1].value, 500, 1);
  EXPECT_LT(read->figures[1].low, 500);
  EXPECT_GT(read->figures[1].high, 500);
  EXPECT_EQ(read->figures.back().name, "server memory, KiB");
  EXPECT_DOUBLE_EQ(read->figures.back().value, 8192);
  EXPECT_DOUBLE_EQ(read->figures[read->figures.size() - 2].value, 500) << "us of CPU a request";
  const std::string text = load_text(plan, outcome, false);
  EXPECT_TRUE(text.contains("1,000 good, 500 a second (+- 1.0 %)")) << text;
  EXPECT_TRUE(text.contains("errors      none")) << text;
  EXPECT_TRUE(text.contains("99.99 %")) << text;
  EXPECT_TRUE(text.contains("####")) << text;
}

TEST(Report, TimesHaveThreeDigits) {
  EXPECT_EQ(show_time(Duration(1'234)), "1.23 us");
  EXPECT_EQ(show_time(Duration(123'456)), "123 us");
  EXPECT_EQ(show_time(Duration(12'345'678)), "12.3 ms");
  EXPECT_EQ(show_time(Duration(5'000'000'000)), "5.00 s");
}

TEST(Report, APercentileLiesBetweenItsBounds) {
  Histogram times;
  for (int i = 1; i <= 10'000; ++i) times.record(Duration(i));
  const Bounded at = bounded_percentile(times, 50);
  EXPECT_NEAR(static_cast<double>(at.value.count()), 5000, 5);
  EXPECT_NEAR(static_cast<double>(at.low.count()), 4902, 5);  // 1.96 * sqrt(10000 / 4)
  EXPECT_NEAR(static_cast<double>(at.high.count()), 5099, 5);
  const Bounded none = bounded_percentile(Histogram(), 50);
  EXPECT_EQ(none.value.count(), 0);
}

}  // namespace
}  // namespace sally::load
