#include "upstream/group.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace sally::upstream {
namespace {

using namespace std::chrono_literals;
using Kind = Group::Pick::Kind;

constexpr TimePoint kStart{std::chrono::hours(1)};

class GroupTest : public testing::Test {
 protected:
  void add(std::uint32_t weight = 1, bool backup = false, std::uint32_t most = 0) {
    members.push_back({"10.0.0." + std::to_string(members.size()) + ":80", weight, backup, most});
    posted.push_back(std::make_shared<Posted>());
  }
  Group& group() {
    if (!made_) made_ = std::make_unique<Group>(terms, members, posted, 1);
    return *made_;
  }
  /// 'A' for the first member, '-' for nobody, '!' for busy. The request ends at once.
  char ask(Group::Tried tried = 0, std::uint64_t key = 0, std::optional<std::size_t> favourite = {}) {
    const Group::Pick p = group().pick(key, favourite, tried, now);
    if (p.kind == Kind::none) return '-';
    if (p.kind == Kind::busy) return '!';
    group().ended(p.index);
    return static_cast<char>('A' + p.index);
  }
  std::string ask_times(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += ask();
    return out;
  }
  void fail(std::size_t index, int times) {
    for (int i = 0; i < times; ++i) group().failed(index, now);
  }

  GroupTerms terms;
  std::vector<MemberTerms> members;
  std::vector<std::shared_ptr<Posted>> posted;
  TimePoint now = kStart;

 private:
  std::unique_ptr<Group> made_;
};

TEST_F(GroupTest, WhoIsAwayIsNotAsked) {
  for (int i = 0; i < 4; ++i) add();
  EXPECT_EQ(ask_times(4), "ABCD");
  posted[0]->draining = true;
  posted[2]->healthy = false;
  fail(3, 3);
  EXPECT_EQ(ask_times(4), "BBBB");
  posted[0]->draining = false;
  posted[2]->healthy = true;
  now += 10s;
  std::string all = ask_times(8);
  for (const char c : {'A', 'B', 'C', 'D'}) EXPECT_EQ(std::ranges::count(all, c), 2) << all;
}

TEST_F(GroupTest, BackupsOnlyWhenAllOthersAreAway) {
  add();
  add();
  add(1, true);
  EXPECT_EQ(ask_times(4), "ABAB");
  posted[0]->healthy = false;
  EXPECT_EQ(ask_times(2), "BB");
  posted[1]->draining = true;
  EXPECT_EQ(ask_times(2), "CC");
  posted[2]->healthy = false;
  EXPECT_EQ(ask(), '-');
  posted[0]->healthy = true;
  EXPECT_EQ(ask_times(2), "AA");
}

TEST_F(GroupTest, ARequestAsksNobodyTwice) {
  add();
  add();
  add(1, true);
  EXPECT_EQ(ask(0b001), 'B');
  EXPECT_EQ(ask(0b010), 'A');
  EXPECT_EQ(ask(0b011), 'C') << "a backup is better than an error";
  EXPECT_EQ(ask(0b111), '-');
}

TEST_F(GroupTest, AShareIsEjectedAndNeverTheLast) {
  for (int i = 0; i < 4; ++i) add();
  for (std::size_t i = 0; i < 4; ++i) fail(i, 3);
  EXPECT_TRUE(group().ejected(0, now) && group().ejected(1, now));
  EXPECT_FALSE(group().ejected(2, now) || group().ejected(3, now)) << "half of the group at most";
}

TEST_F(GroupTest, TheOnlyOneIsNeverEjected) {
  add();
  fail(0, 100);
  EXPECT_EQ(ask(), 'A');
}

TEST_F(GroupTest, OneOfTwoMayBeEjected) {
  terms.ejection.share_percent = 10;
  add();
  add();
  fail(0, 3);
  EXPECT_EQ(ask_times(3), "BBB");
  EXPECT_EQ(ask(0b10), 'A') << "the last resort of a request that B failed";
  posted[0]->draining = true;
  EXPECT_EQ(ask(0b10), '-');
}

TEST_F(GroupTest, ASuccessBetweenFailuresKeepsItIn) {
  add();
  add();
  for (int i = 0; i < 10; ++i) {
    fail(0, 2);
    group().succeeded(0, now);
  }
  EXPECT_FALSE(group().ejected(0, now));
  EXPECT_EQ(posted[0]->totals().failures, 20U);
}

TEST_F(GroupTest, LimitsHoldAndTheRestGoesElsewhere) {
  add(1, false, 2);
  add(1, false, 1);
  std::map<std::size_t, int> held;
  for (int i = 0; i < 3; ++i) {
    const Group::Pick p = group().pick(0, {}, 0, now);
    ASSERT_EQ(p.kind, Kind::member);
    ++held[p.index];
  }
  EXPECT_EQ(held[0], 2);
  EXPECT_EQ(held[1], 1);
  EXPECT_EQ(ask(), '!');
  group().ended(1);
  EXPECT_EQ(ask(), 'B');
  ASSERT_TRUE(posted[1]->enter(1));  // by another core
  EXPECT_EQ(ask(), '!');
}

TEST_F(GroupTest, BusyIsNoReasonToAskBackups) {
  add(1, false, 1);
  add(1, true);
  ASSERT_EQ(group().pick(0, {}, 0, now).index, 0U);
  EXPECT_EQ(ask(), '!');
}

TEST_F(GroupTest, TheFavouriteIsAskedWhileItMayBe) {
  add();
  add();
  add();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(0, 0, 1), 'B');
  posted[1]->draining = true;
  EXPECT_NE(ask(0, 0, 1), 'B');
  posted[1]->draining = false;
  EXPECT_NE(ask(0b010, 0, 1), 'B') << "it was tried";
}

TEST_F(GroupTest, WhoComesBackStartsSlowly) {
  terms.slow_start = 100s;
  add();
  add();
  posted[0]->healthy = false;
  ask();
  posted[0]->healthy = true;
  const auto share = [&] {
    const std::string asked = ask_times(1100);
    return std::ranges::count(asked, 'A');
  };
  EXPECT_NEAR(share(), 100, 2) << "a tenth of its weight";
  now += 50s;
  EXPECT_NEAR(share(), 367, 4) << "half of it";
  now += 50s;
  EXPECT_NEAR(share(), 550, 2);
}

TEST_F(GroupTest, NobodyStartsSlowlyAtFirst) {
  terms.slow_start = 100s;
  add();
  add();
  EXPECT_EQ(ask_times(4), "ABAB");
}

/// Traffic for ten minutes: one of three dies after two of them and comes back after four.
TEST_F(GroupTest, SimulatedTrafficLosesLittle) {
  for (int i = 0; i < 3; ++i) add();
  int lost = 0, retried = 0;
  std::map<std::size_t, int> served;
  for (; now < kStart + 10min; now += 10ms) {
    Group::Tried tried = 0;
    for (int tries = 0;; ++tries) {
      const Group::Pick p = group().pick(0, {}, tried, now);
      if (p.kind != Kind::member || tries == 2) {
        ++lost;
        break;
      }
      group().ended(p.index);
      const bool dead = p.index == 1 && now >= kStart + 2min && now < kStart + 4min;
      if (!dead) {
        group().succeeded(p.index, now);
        ++served[p.index];
        break;
      }
      group().failed(p.index, now);
      tried |= Group::Tried{1} << p.index;
      ++retried;
    }
  }
  EXPECT_EQ(lost, 0);
  EXPECT_LT(retried, 12) << "a few to notice, then one for each trial";
  EXPECT_GT(served[1], 10'000);
  EXPECT_NEAR(served[0], served[2], 10);
}

}  // namespace
}  // namespace sally::upstream
