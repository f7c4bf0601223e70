#include "loop/loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "loop/offload.h"
#include "loop/sleep.h"
#include "loop/task.h"

namespace sally {
namespace {

using namespace std::chrono_literals;

struct Mark final : Timer {
  Mark(std::vector<int>& list, int number) : out(list), id(number) {}
  void on_timer() override { out.push_back(id); }
  std::vector<int>& out;
  int id;
};

TEST(Loop, TimersFireInOrderOfTheirTimes) {
  const auto loop = Loop::make().value();
  std::vector<int> fired;
  std::vector<std::unique_ptr<Mark>> marks;
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) marks.push_back(std::make_unique<Mark>(fired, i));
  std::vector<int> order(300);
  for (int i = 0; i < 300; ++i) order[static_cast<std::size_t>(i)] = i;
  std::shuffle(order.begin(), order.end(), random);
  for (const int i : order) loop->arm(*marks[static_cast<std::size_t>(i)], loop->now() - 1h + i * 1ms);
  for (int i = 0; i < 300; i += 3)
    marks[static_cast<std::size_t>(i)].reset();  // leaves the heap when destroyed
  loop->arm(*marks[1], loop->now() - 1ms);       // moves behind all the others
  loop->turn(0s);
  std::vector<int> expected;
  for (int i = 0; i < 300; ++i)
    if (i % 3 != 0 && i != 1) expected.push_back(i);
  expected.push_back(1);
  EXPECT_EQ(fired, expected);
}

struct Again final : Deferred {
  explicit Again(Loop& on) : loop(on) {}
  void on_turn_end() override {
    ++runs;
    if (runs < 3) loop.defer(*this);
  }
  Loop& loop;
  int runs = 0;
};

TEST(Loop, WorkThatDefersItselfAgainRunsInTheNextTurn) {
  const auto loop = Loop::make().value();
  Again work(*loop);
  loop->defer(work);
  loop->defer(work);
  loop->turn(0s);
  EXPECT_EQ(work.runs, 1);
  loop->turn(1h);  // does not wait: there is work
  EXPECT_EQ(work.runs, 2);
  {
    Again gone(*loop);
    loop->defer(gone);
  }
  loop->turn(0s);
  loop->turn(0s);
  EXPECT_EQ(work.runs, 3);
}

struct Closer final : Pollable {
  void on_events(std::uint32_t) override {
    ++events;
    if (other) loop->unwatch(other_fd, *other);
  }
  Loop* loop = nullptr;
  Closer* other = nullptr;
  int other_fd = -1;
  int events = 0;
};

TEST(Loop, AnUnwatchedDescriptorGetsNoEventOfTheSameBatch) {
  const auto loop = Loop::make().value();
  int a[2], b[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, b), 0);
  Closer first, second;
  first.loop = second.loop = loop.get();
  first.other = &second;
  first.other_fd = b[0];
  second.other = &first;
  second.other_fd = a[0];
  ASSERT_TRUE(loop->watch_level(a[0], first));
  ASSERT_TRUE(loop->watch_level(b[0], second));
  ASSERT_EQ(::write(a[1], "x", 1), 1);
  ASSERT_EQ(::write(b[1], "x", 1), 1);
  loop->turn(1s);
  EXPECT_EQ(first.events + second.events, 1);
  for (const int fd : {a[0], a[1], b[0], b[1]}) ::close(fd);
}

TEST(Loop, MessagesFromOtherThreadsRunHere) {
  const auto loop = Loop::make().value();
  int sum = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&loop, &sum] {
        for (int i = 0; i < 100; ++i) loop->post([&sum] { ++sum; });
      });
  }
  while (sum < 400) loop->turn(1s);
  EXPECT_EQ(sum, 400);
}

Task<Result<Unit>> count_up(Loop& loop, int& n) {
  for (;;) {
    co_await Sleep(loop, loop.now() + 1ms);
    ++n;
  }
}

TEST(Task, DestroyingARunningTaskCancelsItsWait) {
  const auto loop = Loop::make().value();
  int n = 0;
  {
    Running<Result<Unit>> task(count_up(*loop, n));
    task.start();
    while (n < 2) loop->turn(10ms);
  }
  const int then = n;
  for (int i = 0; i < 5; ++i) loop->turn(2ms);
  EXPECT_EQ(n, then);
  EXPECT_EQ(FrameSlab::here().live_bytes(), 0u);
}

Task<Result<int>> ready(int i) { co_return i; }
Task<Result<long>> add_many(int count) {
  long sum = 0;
  for (int i = 0; i < count; ++i) {
    CO_TRY(const int value, co_await ready(i));
    sum += value;
  }
  co_return sum;
}

TEST(Task, AMillionReadyTasksDoNotGrowTheStack) {
  Running<Result<long>> task(add_many(1'000'000));
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take().value(), 499'999'500'000L);
}

Task<Result<int>> ask(Loop& loop) {
  const auto id = co_await offload(loop, [] { return std::this_thread::get_id(); });
  co_return id != std::this_thread::get_id() ? 1 : 0;
}

TEST(Offload, RunsOnAnotherThreadAndComesBack) {
  OffloadPool pool(2);
  const auto loop = Loop::make(&pool).value();
  Running<Result<int>> task(ask(*loop));
  task.start();
  while (!task.done()) loop->turn(1s);
  EXPECT_EQ(task.take().value(), 1);
}

TEST(Offload, ACancelledWaitDropsTheResult) {
  OffloadPool pool(1);
  const auto loop = Loop::make(&pool).value();
  {
    Running<Result<int>> task(ask(*loop));
    task.start();
  }
  for (int i = 0; i < 20; ++i) loop->turn(1ms);
  EXPECT_EQ(FrameSlab::here().live_bytes(), 0u);
}

}  // namespace
}  // namespace sally
