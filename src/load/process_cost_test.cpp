#include "load/process_cost.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace sally::load {
namespace {

double used_here() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

TEST(ProcessCost, IsThatOfTheProcessClock) {
  const double before = used_here();
  const auto cost = process_cost(::getpid());
  const double after = used_here();
  ASSERT_TRUE(cost);
  EXPECT_GE(cost->cpu_seconds, before);
  EXPECT_LE(cost->cpu_seconds, after);
  EXPECT_GT(cost->memory_bytes, 100'000u);
  EXPECT_EQ(cost->processes, 1u);
}

TEST(ProcessCost, HoldsTheChildren) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    while (used_here() < 0.05) continue;
    [[maybe_unused]] const ssize_t n = ::write(ends[1], "x", 1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ends[0], &byte, 1), 1);
  const auto cost = process_cost(::getpid());
  const auto tree = process_tree(::getpid());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->processes, 2u);
  EXPECT_GE(cost->cpu_seconds, 0.05);
  ASSERT_EQ(tree.size(), 2u);
  EXPECT_EQ(tree[0], ::getpid());
  EXPECT_EQ(tree[1], child);
}

TEST(ProcessCost, OfNobodyIsAnError) {
  for (const int pid : {0, -1, 999'999'999}) {
    const auto cost = process_cost(pid);
    ASSERT_FALSE(cost) << pid;
    EXPECT_TRUE(cost.error().is(kNoProcess));
  }
}

}  // namespace
}  // namespace sally::load
