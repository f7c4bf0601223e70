#include "os/limits.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/in_child_fixture.h"

namespace sally {
namespace {

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
