#include "check/gather.h"

#include <gtest/gtest.h>

#include "loop/sleep.h"

namespace sally::check {
namespace {

using namespace std::chrono_literals;

Task<Unit> at_once(int& count) {
  ++count;
  co_return Unit{};
}

Task<Unit> later(Loop& loop, Duration wait, int& count) {
  co_await Sleep(loop, loop.now() + wait);
  ++count;
  co_return Unit{};
}

Task<Unit> all_of_them(Loop& loop, int& count, int& seen_at_end) {
  Gather some(loop);
  some.start(at_once(count));
  some.start(later(loop, 30ms, count));
  some.start(later(loop, 5ms, count));
  co_await some.all();
  seen_at_end = count;
  Gather none(loop);
  co_await none.all();
  co_return Unit{};
}

TEST(Gather, WaitsForTheSlowestThoughOneEndedAtOnce) {
  auto loop = Loop::make().value();
  int count = 0, seen_at_end = 0;
  Running<Unit> running(all_of_them(*loop, count, seen_at_end));
  running.start();
  for (int turns = 0; !running.done() && turns < 1000; ++turns) loop->turn(50ms);
  ASSERT_TRUE(running.done());
  EXPECT_EQ(seen_at_end, 3);
}

TEST(Gather, DestroyingItCancelsWhatRuns) {
  auto loop = Loop::make().value();
  int count = 0;
  {
    Gather some(*loop);
    some.start(later(*loop, 1ms, count));
  }
  loop->turn(10ms);
  loop->turn(10ms);
  EXPECT_EQ(count, 0);
}

}  // namespace
}  // namespace sally::check
