#include "check/probes/ftp_talk.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

std::uint16_t port_in(unsigned code, std::string line) { return passive_port({code, {std::move(line)}}); }

TEST(PassivePort, IsReadFromBothReplies) {
  EXPECT_EQ(port_in(229, "Entering Extended Passive Mode (|||6446|)"), 6446);
  EXPECT_EQ(port_in(229, "ok (!!!1!)."), 1);
  EXPECT_EQ(port_in(227, "Entering Passive Mode (127,0,0,1,25,46)."), 25 * 256 + 46);
}

TEST(PassivePort, NonsenseHasNone) {
  EXPECT_EQ(passive_port({229, {}}), 0);
  EXPECT_EQ(port_in(229, "no bracket 6446"), 0);
  EXPECT_EQ(port_in(229, "(|||65536|)"), 0);
  EXPECT_EQ(port_in(229, "(|||99999999999999999999|)"), 0);
  EXPECT_EQ(port_in(229, "(|1|127.0.0.1|80|)"), 0);
  EXPECT_EQ(port_in(227, "(127,0,0,1,256,1)"), 0);
  EXPECT_EQ(port_in(227, "(127,0,0,1,25)"), 0);
  EXPECT_EQ(port_in(500, "(|||6446|)"), 0);
}

}  // namespace
}  // namespace sally::check
