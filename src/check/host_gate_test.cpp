#include "check/host_gate.h"

#include <gtest/gtest.h>

#include "loop/task.h"

namespace sally::check {
namespace {

using namespace std::chrono_literals;

Task<Unit> take(Places& places, unsigned& inside) {
  co_await places.turn();
  ++inside;
  co_return Unit{};
}

TEST(Places, NoMoreThanTheLimitAndInOrder) {
  const auto loop = Loop::make(nullptr).value();
  Places places(*loop, 2);
  unsigned a = 0, b = 0, c = 0;
  Running<Unit> first(take(places, a)), second(take(places, b)), third(take(places, c));
  first.start();
  second.start();
  third.start();
  EXPECT_EQ(a + b + c, 2u);
  places.leave();
  loop->turn(0ms);
  EXPECT_EQ(c, 1u);
  EXPECT_TRUE(third.done());
}

TEST(Places, WhoGivesUpLeavesTheLine) {
  const auto loop = Loop::make(nullptr).value();
  Places places(*loop, 1);
  unsigned a = 0, b = 0, c = 0;
  Running<Unit> first(take(places, a));
  first.start();
  {
    Running<Unit> second(take(places, b));
    second.start();
  }
  Running<Unit> third(take(places, c));
  third.start();
  places.leave();
  loop->turn(0ms);
  EXPECT_EQ(b, 0u);
  EXPECT_EQ(c, 1u);
}

TEST(HostGate, SlotsAreApart) {
  const auto loop = Loop::make(nullptr).value();
  HostGate gate(*loop, {.at_once = 1, .per_second = 10});
  const TimePoint now = loop->now();
  EXPECT_EQ(gate.take_slot(now), now);
  EXPECT_EQ(gate.take_slot(now), now + 100ms);
  EXPECT_EQ(gate.take_slot(now + 1s), now + 1s);
  HostGate open(*loop, {});
  EXPECT_EQ(open.take_slot(now), now);
  EXPECT_EQ(open.take_slot(now), now);
}

TEST(HostGates, OneForEachAddress) {
  const auto loop = Loop::make(nullptr).value();
  HostGates gates(*loop, {});
  const auto a = gates.at("192.0.2.1");
  EXPECT_EQ(a, gates.at("192.0.2.1"));
  EXPECT_NE(a, gates.at("192.0.2.2"));
}

}  // namespace
}  // namespace sally::check
