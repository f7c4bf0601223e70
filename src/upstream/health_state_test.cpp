#include "upstream/health_state.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sally::upstream {
namespace {

/// The verdict after each check, '+' and '-'.
std::string verdicts(std::string_view checks, std::uint32_t rise, std::uint32_t fall) {
  HealthState state(rise, fall);
  std::string out;
  bool before = state.healthy();
  for (const char c : checks) {
    const bool changed = state.note(c == '+');
    EXPECT_EQ(changed, state.healthy() != before);
    before = state.healthy();
    out += before ? '+' : '-';
  }
  return out;
}

TEST(HealthState, FallsAndRisesAfterEnoughInARow) {
  EXPECT_EQ(verdicts("+--+---++-+++", 2, 3), "++++++--+++++");
  EXPECT_EQ(verdicts("+---+-+-++", 2, 3), "+++------+");
  EXPECT_EQ(verdicts("+-+-", 1, 1), "+-+-");
}

TEST(HealthState, TheFirstCheckCountsAlone) {
  EXPECT_EQ(verdicts("-+-++", 2, 3), "----+");
  EXPECT_EQ(verdicts("+", 2, 3), "+");
}

}  // namespace
}  // namespace sally::upstream
