#include "upstream/retry_budget.h"

#include <gtest/gtest.h>

namespace sally::upstream {
namespace {

int granted(RetryBudget& budget) {
  int count = 0;
  while (budget.try_again()) ++count;
  return count;
}

TEST(RetryBudget, AShareOfWhatIsUnderWay) {
  RetryBudget budget(20, 3);
  for (int i = 0; i < 100; ++i) budget.began();
  EXPECT_EQ(granted(budget), 20);
  budget.retry_ended();
  EXPECT_EQ(granted(budget), 1);
}

TEST(RetryBudget, AFewInAnyCase) {
  RetryBudget budget(20, 3);
  EXPECT_EQ(granted(budget), 3);
  for (int i = 0; i < 19; ++i) budget.began();
  EXPECT_EQ(granted(budget), 0) << "20 % of 19 is less than 3";
  budget.began();
  EXPECT_EQ(granted(budget), 1);
  budget.ended();
  EXPECT_EQ(granted(budget), 0);
}

TEST(RetryBudget, CanBeNone) {
  RetryBudget budget(0, 0);
  budget.began();
  EXPECT_FALSE(budget.try_again());
}

}  // namespace
}  // namespace sally::upstream
