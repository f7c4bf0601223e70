#include "proto/first_bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace sally::proto {
namespace {

using namespace std::string_literals;

Speech of(const std::string& text) { return speech_of(as_bytes(text)); }

const struct {
  std::string first;
  Speech speech;
} kCases[] = {
    {"\x16\x03\x01\x02\x00\x01"s, Speech::tls},
    {"\x16\x02\x01"s, Speech::other},
    {"SSH-2.0-OpenSSH_9.2p1\r\n", Speech::ssh},
    {"GET / HTTP/1.1\r\n", Speech::http},
    {"OPTIONS * HTTP/1.1\r\n", Speech::http},
    {"PRI * HTTP/2.0\r\n", Speech::http},
    {"PROPFIND / HTTP/1.1", Speech::other},
    {"\x00\x0e\x38"
     "ABCDEFGH\x00\x00\x00\x00\x00"s,
     Speech::openvpn},                   // plain, V2
    {"\x00\x2a\x38"s, Speech::openvpn},  // tls-auth
    {"\x01\x5d\x50"s, Speech::openvpn},  // tls-crypt-v2: V3
    {"\x00\x0d\x38"s, Speech::other},    // shorter than any reset
    {"\x05\xff\x38"s, Speech::other},    // longer than any
    {"\x00\x0e\x20"s, Speech::other},    // a control packet begins nothing
    {"\x80\x2b\x01"s, Speech::other},    // SSL 2
    {"EHLO there\r\n", Speech::other},
};

TEST(FirstBytes, TellWhatIsSpoken) {
  for (const auto& [first, speech] : kCases) EXPECT_EQ(of(first), speech) << first;
}

TEST(FirstBytes, AreUndecidedUntilTheyDecideAndThenStay) {
  for (const auto& [first, speech] : kCases) {
    bool decided = false;
    for (std::size_t n = 0; n <= first.size(); ++n) {
      const Speech so_far = of(first.substr(0, n));
      if (so_far == Speech::undecided) {
        EXPECT_FALSE(decided) << first << " at " << n;
      } else {
        decided = true;
        EXPECT_EQ(so_far, speech) << first << " at " << n;
      }
      EXPECT_TRUE(decided || n < kBytesThatDecide) << first;
    }
  }
}

}  // namespace
}  // namespace sally::proto
