#include "os/handover.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cstdlib>

namespace sally {
namespace {

/// A shell that is started as a successor sees the channel and answers by it, if it can be told how.
Result<Successor> shell(const std::string& script) {
  return Successor::start("/bin/sh", {"sh", "-c", script});
}

TEST(Successor, ThatEndsAtOnceIsNotReady) {
  auto successor = shell("exit 1");
  ASSERT_TRUE(successor) << successor.error().text();
  const auto answer = successor->answer();
  EXPECT_FALSE(answer.ready);
  EXPECT_FALSE(answer.why.empty());
}

TEST(Successor, ThatIsNoProgramIsAnError) { EXPECT_FALSE(Successor::start("/none/such", {"none"})); }

TEST(Successor, IsToldItsChannelAndNothingElseOfOurs) {
  // 0, 1, 2, the channel, and what the shell opens to look.
  auto successor = shell(
      R"([ "$SALLYPORT_TAKE_OVER" = 3 ] && [ -S /proc/self/fd/3 ] && [ ! -e /proc/self/fd/9 ] && exit 7)");
  ASSERT_TRUE(successor);
  const pid_t pid = successor->pid();
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(info.si_status, 7);
}

TEST(Successor, IsKilledUnlessItIsLetGo) {
  pid_t pid = -1;
  {
    auto successor = shell("exec sleep 1000");
    ASSERT_TRUE(successor);
    pid = successor->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Predecessor, IsNoneWithoutTheVariable) {
  ::unsetenv("SALLYPORT_TAKE_OVER");
  const auto before = Predecessor::here();
  ASSERT_TRUE(before);
  EXPECT_FALSE(before->has_value());
}

TEST(Predecessor, ThatIsNoChannelIsAnError) {
  for (const char* const number : {"", "x", "999", "70000"}) {
    ::setenv("SALLYPORT_TAKE_OVER", number, 1);
    EXPECT_FALSE(Predecessor::here()) << number;
    EXPECT_EQ(std::getenv("SALLYPORT_TAKE_OVER"), nullptr);
  }
}

}  // namespace
}  // namespace sally
