#include "os/child.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "os/in_child_fixture.h"
#include "os/signals.h"

namespace sally {
namespace {

using namespace std::chrono_literals;

TEST(Child, OutputAndExitCode) {
  const auto good = run_program({"sh", "-c", "echo out; echo err >&2; cat; exit 7"});
  ASSERT_TRUE(good) << good.error().text();
  EXPECT_EQ(good->exit_code, 7);
  EXPECT_EQ(good->output, "out\nerr\n");
  EXPECT_EQ(run_program({"sh", "-c", "kill -9 $$"})->exit_code, 128 + SIGKILL);
}

TEST(Child, MissingProgram) {
  const auto none = run_program({"no-such-program-here"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind().id, "os.not_found");
  EXPECT_EQ(find_program("no-such-program-here"), "");
  EXPECT_TRUE(find_program("sh").ends_with("/sh"));
}

TEST(Child, SlowOneIsStoppedWithItsChildren) {
  const auto slow = run_program({"sh", "-c", "sleep 600 & sleep 600"}, {200ms, 100});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().kind().id, "os.program_too_slow");
}

TEST(Child, DaemonThatKeepsThePipeDoesNotHoldUs) {
  const auto left = run_program({"sh", "-c", "sleep 3 & echo done"}, {60s, 100});
  ASSERT_TRUE(left) << left.error().text();
  EXPECT_EQ(left->output, "done\n");
}

TEST(Child, OutputIsCut) {
  const auto loud = run_program({"sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"}, {60s, 1000});
  ASSERT_TRUE(loud) << loud.error().text();
  EXPECT_EQ(loud->output, std::string(1000, 'x'));
  EXPECT_EQ(loud->exit_code, 0);
}

TEST(Child, StartsWithPlainSignals) {
  EXPECT_EQ(in_child([] {
              ignore_broken_pipes();
              auto set = SignalSet::take({SIGTERM});
              // A shell that blocks SIGTERM would live on and print.
              const auto end = run_program({"sh", "-c", "kill -TERM $$; echo alive"});
              if (!end || end->exit_code != 128 + SIGTERM) return 1;
              const auto pipe = run_program({"sh", "-c", "kill -PIPE $$; echo alive"});
              return pipe && pipe->exit_code == 128 + SIGPIPE ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace sally
