#include "proto/openvpn/control.h"

#include <gtest/gtest.h>

namespace sally::openvpn {
namespace {

using namespace std::chrono_literals;
using std::string_literals::operator""s;

constexpr auto kAgain = 300ms;
const std::string kReset = "\x40serverid\x01\0\0\0\0sessions\0\0\0\0"s;

std::string data(std::uint8_t id, const std::string& text) {
  return "\x20serverid\0\0\0\0"s + char(id) + text;
}

TEST(OpenvpnControl, BeginsWithAReset) {
  Control control("sessions");
  EXPECT_EQ(control.due(TimePoint{}, kAgain), std::vector<std::string>{"\x38sessions\0\0\0\0\0"s});
  EXPECT_FALSE(control.open());
  ASSERT_TRUE(control.take(kReset));
  EXPECT_TRUE(control.open());
  EXPECT_EQ(control.due(TimePoint{}, kAgain), std::vector<std::string>{"\x28sessions\x01\0\0\0\0serverid"s});
  EXPECT_EQ(control.next(kAgain), kNever);
}

TEST(OpenvpnControl, WhatIsNotAcknowledgedGoesAgain) {
  Control control("sessions");
  const TimePoint start{};
  EXPECT_EQ(control.due(start, kAgain).size(), 1u);
  EXPECT_EQ(control.due(start + 100ms, kAgain).size(), 0u);
  EXPECT_EQ(control.next(kAgain), start + kAgain);
  EXPECT_EQ(control.due(start + kAgain, kAgain).size(), 1u);
}

TEST(OpenvpnControl, TlsGoesInPiecesAndStopsAtTheWindow) {
  Control control("sessions");
  (void)control.due(TimePoint{}, kAgain);
  ASSERT_TRUE(control.take(kReset));
  control.say(std::string(10000, 'x'));
  const auto packets = control.due(TimePoint{}, kAgain);
  ASSERT_EQ(packets.size(), 4u);
  EXPECT_TRUE(packets.front().starts_with("\x20sessions\x01\0\0\0\0serverid\0\0\0\x01x"s));
  EXPECT_TRUE(packets.back().starts_with("\x20sessions\0\0\0\0\x04x"s));
  ASSERT_TRUE(control.take("\x28serverid\x02\0\0\0\x01\0\0\0\x02sessions"s));
  EXPECT_EQ(control.due(TimePoint{}, kAgain).size(), 2u);
}

TEST(OpenvpnControl, WhatComesInDisorderIsPutInOrderAndAcknowledgedOnce) {
  Control control("sessions");
  (void)control.due(TimePoint{}, kAgain);
  ASSERT_TRUE(control.take(kReset));
  (void)control.due(TimePoint{}, kAgain);
  ASSERT_TRUE(control.take(data(2, "b")));
  EXPECT_EQ(control.heard(), "");
  ASSERT_TRUE(control.take(data(1, "a")));
  ASSERT_TRUE(control.take(data(1, "a")));
  EXPECT_EQ(control.heard(), "ab");
  EXPECT_EQ(control.due(TimePoint{}, kAgain),
            std::vector<std::string>{"\x28sessions\x02\0\0\0\x02\0\0\0\x01serverid"s});
}

TEST(OpenvpnControl, OtherSessionsArePassedOverAndNonsenseIsRefused) {
  Control control("sessions");
  (void)control.due(TimePoint{}, kAgain);
  ASSERT_TRUE(control.take("\x40serverid\x01\0\0\0\0others..\0\0\0\0"s));
  EXPECT_FALSE(control.open());
  for (const std::string& nonsense : {""s, "\x01"s, "SSH-2.0-x"s, "\x40serv"s, "\x40serverid\x05"s})
    EXPECT_FALSE(control.take(nonsense)) << nonsense;
}

}  // namespace
}  // namespace sally::openvpn
