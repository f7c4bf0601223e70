#include "os/limits.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sally {
namespace {

/// Runs `body` in a child, whose state nobody else shares; its value is the exit code.
template <typename Body>
int in_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = -1;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Limits, FilesAreRaisedAsFarAsAllowed) {
  EXPECT_EQ(in_child([] {
              const rlimit low{64, 128};
              ::setrlimit(RLIMIT_NOFILE, &low);
              const auto now = raise_file_limit(100);
              if (!now || *now != 100) return 1;
              const auto lower = raise_file_limit(10);
              return lower && *lower == 100 ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace sally
