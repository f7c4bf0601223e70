#include "os/signals.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "os/in_child_fixture.h"

namespace sally {
namespace {

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
