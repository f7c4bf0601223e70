#include "upstream/wait_line.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace sally::upstream {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{std::chrono::hours(1)};

struct Guest final : Waiting {
  Guest(char guest, int& places, std::string& log) : name(guest), room(places), told(log) {}
  bool on_turn() override {
    if (room == 0) return false;
    --room;
    leave();
    told += name;
    return true;
  }
  void on_too_long() override { told += std::string("-") + name; }
  char name;
  int& room;
  std::string& told;
};

class WaitLineTest : public testing::Test {
 protected:
  std::unique_ptr<Guest> guest(char name, Duration patience = 10s) {
    auto made = std::make_unique<Guest>(name, room, told);
    line.join(*made, kStart + patience);
    return made;
  }
  int room = 0;
  std::string told;
  WaitLine line;
};

TEST_F(WaitLineTest, FirstComeFirstServed) {
  const auto a = guest('a'), b = guest('b'), c = guest('c');
  EXPECT_EQ(line.size(), 3U);
  line.move(kStart);
  EXPECT_EQ(told, "");
  room = 2;
  line.move(kStart);
  EXPECT_EQ(told, "ab");
  EXPECT_FALSE(a->waiting());
  EXPECT_TRUE(c->waiting());
  EXPECT_EQ(line.size(), 1U);
}

TEST_F(WaitLineTest, NobodyWaitsForEver) {
  const auto a = guest('a', 1s), b = guest('b', 2s);
  line.move(kStart + 999ms);
  EXPECT_EQ(told, "");
  line.move(kStart + 1s);
  EXPECT_EQ(told, "-a");
  room = 1;
  line.move(kStart + 1s);
  EXPECT_EQ(told, "-ab");
  EXPECT_TRUE(line.empty());
}

TEST_F(WaitLineTest, WhoGivesUpLeaves) {
  auto a = guest('a'), b = guest('b'), c = guest('c');
  b.reset();
  EXPECT_EQ(line.size(), 2U);
  room = 3;
  line.move(kStart);
  EXPECT_EQ(told, "ac");
}

TEST_F(WaitLineTest, TheLineMayGoFirst) {
  Guest late('z', room, told);
  {
    WaitLine other;
    other.join(late, kStart);
  }
  EXPECT_FALSE(late.waiting());
  EXPECT_EQ(told, "");
}

}  // namespace
}  // namespace sally::upstream
