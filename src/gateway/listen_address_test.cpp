#include "gateway/listen_address.h"

#include <gtest/gtest.h>

namespace sally::gateway {
namespace {

std::string shown(std::string_view text, bool allow_port_zero = false) {
  const auto addresses = parse_listen(text, allow_port_zero);
  if (!addresses) return "! " + std::string(addresses.error().detail());
  std::string out;
  for (const ListenAddress& address : *addresses)
    out += (out.empty() ? "" : " ") + address.text() + (address.optional ? "?" : "");
  return out;
}

TEST(ParseListen, ReadsWhatPeopleWrite) {
  EXPECT_EQ(shown("443"), "443");
  EXPECT_EQ(shown(":443"), "443");
  EXPECT_EQ(shown("127.0.0.1:8443"), "127.0.0.1:8443");
  EXPECT_EQ(shown("[::1]:443"), "[::1]:443");
  EXPECT_EQ(shown("[0:0::0001]:443"), "[::1]:443");
  EXPECT_EQ(shown("[::]:65535"), "[::]:65535");
  EXPECT_EQ(shown("localhost:8443"), "127.0.0.1:8443 [::1]:8443?");
  EXPECT_EQ(shown("LocalHost:1"), "127.0.0.1:1 [::1]:1?");
  EXPECT_EQ(shown("127.0.0.1:0", true), "127.0.0.1:0");
}

TEST(ParseListen, SaysWhatIsWrong) {
  EXPECT_EQ(shown(""), "! it has no port");
  EXPECT_EQ(shown("127.0.0.1"), "! it has no port");
  EXPECT_EQ(shown("[::1]"), "! it has no port");
  EXPECT_EQ(shown("::1:443"), "! an IPv6 address needs brackets: [::1]:443");
  EXPECT_EQ(shown("0"), "! port 0 is none to be found again");
  EXPECT_EQ(shown("65536"), "! \"65536\" is no port, 1..65535");
  EXPECT_EQ(shown("127.0.0.1:https"), "! \"https\" is no port, 1..65535");
  EXPECT_EQ(shown("127.0.0.1:-1"), "! \"-1\" is no port, 1..65535");
  EXPECT_EQ(shown("127.0.0.1:"), "! \"\" is no port, 1..65535");
  EXPECT_EQ(shown("[::g]:443"), "! no IPv6 address stands between the brackets");
  EXPECT_EQ(shown("[127.0.0.1]:443"), "! no IPv6 address stands between the brackets");
  EXPECT_EQ(shown("127.1:443"), "! of names only localhost can be listened on; write the address");
  EXPECT_EQ(shown("example.com:443"), "! of names only localhost can be listened on; write the address");
  EXPECT_EQ(shown("*:443"), "! of names only localhost can be listened on; write the address");
  EXPECT_EQ(shown("443 "), "! it has no port");
}

TEST(Covers, KnowsWildcardsAndFamilies) {
  const ListenAddress all{"", 443}, v4{"0.0.0.0", 443}, v6{"::", 443}, here{"127.0.0.1", 443},
      here6{"::1", 443};
  EXPECT_TRUE(all.covers(here));
  EXPECT_TRUE(all.covers(here6));
  EXPECT_TRUE(all.covers(v4));
  EXPECT_TRUE(v4.covers(here));
  EXPECT_FALSE(v4.covers(here6));
  EXPECT_TRUE(v6.covers(here6));
  EXPECT_FALSE(v6.covers(here));
  EXPECT_FALSE(here.covers(all)) << "what is opened for this machine must not answer others";
  EXPECT_FALSE(v4.covers(all));
  EXPECT_FALSE(all.covers({"", 444}));
  EXPECT_TRUE(here.covers(here));
}

TEST(Loopback, IsThisMachineOnly) {
  EXPECT_TRUE((ListenAddress{"127.0.0.1", 1}.loopback()));
  EXPECT_TRUE((ListenAddress{"127.9.9.9", 1}.loopback()));
  EXPECT_TRUE((ListenAddress{"::1", 1}.loopback()));
  EXPECT_FALSE((ListenAddress{"", 1}.loopback()));
  EXPECT_FALSE((ListenAddress{"::", 1}.loopback()));
  EXPECT_FALSE((ListenAddress{"10.0.0.1", 1}.loopback()));
}

TEST(SplitPort, TakesAPortOffAName) {
  const auto split = [](std::string_view text) {
    const auto out = split_port(text);
    return out ? out->name + " " + std::to_string(out->port) : "! " + std::string(out.error().detail());
  };
  EXPECT_EQ(split("example.com"), "example.com 0");
  EXPECT_EQ(split("localhost:8443"), "localhost 8443");
  EXPECT_EQ(split("[::1]:8443"), "::1 8443");
  EXPECT_EQ(split("::1"), "::1 0");
  EXPECT_EQ(split("[::1]"), "::1 0");
  EXPECT_EQ(split("example.com:"), "! \"\" is no port, 1..65535");
  EXPECT_EQ(split("example.com:0"), "! port 0 is none to be found again");
  EXPECT_EQ(split("example.com:99999"), "! \"99999\" is no port, 1..65535");
  EXPECT_EQ(split("[::1"), "! \"[\" has no \"]\"");
  EXPECT_EQ(split("[::1]x"), "! something other than \":port\" follows \"]\"");
}

}  // namespace
}  // namespace sally::gateway
