#include "os/signals.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

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

TEST(Signals, ArriveAsNumbersInsteadOfKilling) {
  EXPECT_EQ(in_child([] {
              auto set = SignalSet::take({SIGTERM, SIGHUP});
              if (!set || set->next()) return 1;
              ::raise(SIGTERM);
              ::raise(SIGHUP);
              pollfd one{set->fd(), POLLIN, 0};
              if (::poll(&one, 1, 0) != 1) return 2;
              const auto first = set->next(), second = set->next();
              if (!first || !second || *first + *second != SIGTERM + SIGHUP) return 3;
              return set->next() ? 4 : 0;
            }),
            0);
}

}  // namespace
}  // namespace sally
