#include "gateway/metric_text.h"

#include <gtest/gtest.h>

namespace sally::gateway {
namespace {

constexpr MetricFamily kCount{"x_total", "How many x.", MetricFamily::Type::counter};
constexpr MetricFamily kNow{"a_now", "How much a.", MetricFamily::Type::gauge};

TEST(MetricText, WritesAFamilyOnceAndAddsUpEqualLabels) {
  MetricText text;
  text.sample(kCount, R"(site="b")", 1);
  text.sample(kNow, "", 0.5);
  text.sample(kCount, R"(site="a")", 2);
  text.sample(kCount, R"(site="b")", 40);
  EXPECT_EQ(
      text.text(),
      "# HELP a_now How much a.\n# TYPE a_now gauge\na_now 0.5\n"
      "# HELP x_total How many x.\n# TYPE x_total counter\nx_total{site=\"a\"} 2\nx_total{site=\"b\"} 41\n");
}

TEST(MetricText, LargeCountersKeepTheirDigits) {
  MetricText text;
  text.sample(kCount, "", 9'007'199'254'740'991.0);
  EXPECT_TRUE(text.text().ends_with("\nx_total 9007199254740991\n")) << text.text();
}

TEST(MetricText, HistogramsCountUpwardsAndEndWithAll) {
  LatencyHistogram one, other;
  one.add(50);
  one.add(2'000'000);
  other.add(99'000'000);
  MetricText text;
  text.latency("t_seconds", "Time.", R"(site="a")", one);
  text.latency("t_seconds", "Time.", R"(site="a")", other);
  const std::string out = text.text();
  EXPECT_TRUE(out.contains("# TYPE t_seconds histogram\n"));
  EXPECT_TRUE(out.contains("t_seconds_bucket{site=\"a\",le=\"0.0001\"} 1\n")) << out;
  EXPECT_TRUE(out.contains("t_seconds_bucket{site=\"a\",le=\"60\"} 2\n")) << out;
  EXPECT_TRUE(out.contains("t_seconds_bucket{site=\"a\",le=\"+Inf\"} 3\n")) << out;
  EXPECT_TRUE(out.contains("t_seconds_sum{site=\"a\"} 101.00005\n")) << out;
  EXPECT_TRUE(out.contains("t_seconds_count{site=\"a\"} 3\n")) << out;
}

TEST(MetricLabel, EscapesWhatTheFormatDemands) {
  EXPECT_EQ(metric_label("a", "x\"\\\ny"), R"(a="x\"\\\ny")");
}

}  // namespace
}  // namespace sally::gateway
