#include "base/metric.h"

#include <gtest/gtest.h>

namespace sally {
namespace {

constexpr MetricFamily kFamily{"x", "X.", MetricFamily::Type::gauge};

struct One final : MetricSource {
  void visit(MetricVisitor& visitor) const override { visitor.sample(kFamily, "", 1); }
};

struct Sum final : MetricVisitor {
  void sample(const MetricFamily&, std::string_view, double value) override { all += value; }
  double all = 0;
};

TEST(MetricSources, VisitsThoseThatStillLive) {
  MetricSources sources;
  auto first = std::make_shared<One>();
  const auto second = std::make_shared<One>();
  sources.add(first);
  sources.add(second);
  Sum both, left;
  sources.visit(both);
  first.reset();
  sources.visit(left);
  EXPECT_EQ(both.all, 2);
  EXPECT_EQ(left.all, 1);
}

}  // namespace
}  // namespace sally
