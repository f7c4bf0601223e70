#include "proto/http3/control_frames.h"

#include <gtest/gtest.h>

namespace sally::http3 {
namespace {

using namespace std::string_literals;

const std::string kSettings = "\x04\x02\x01\x00"s, kReserved = "\x21\x03"s + "abc";
const std::string kPriority = "\x80\x0f\x07\x00\x04\x00u=1"s;

std::string passed(ControlFrames& frames, std::string_view bytes) {
  const auto out = frames.pass(as_bytes(bytes));
  return out ? std::string(as_text(*out)) : "(too long)";
}

TEST(ControlFrames, OnlyAPriorityWaitsUntilItIsWhole) {
  const std::string all = "\0"s + kSettings + kPriority + kReserved + kPriority;
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    ControlFrames frames;
    const std::string first = passed(frames, all.substr(0, cut)), second = passed(frames, all.substr(cut));
    EXPECT_EQ(first + second, all) << cut;
    const std::size_t at = 1 + kSettings.size();
    if (cut > at && cut < at + kPriority.size()) {
      EXPECT_EQ(first.size(), at) << cut;
    }
  }
}

TEST(ControlFrames, OctetByOctet) {
  const std::string all = "\x40\0"s + kSettings + kPriority;
  ControlFrames frames;
  std::string out;
  for (const char one : all) {
    const std::string piece = passed(frames, std::string_view(&one, 1));
    EXPECT_TRUE(piece.size() <= 1 || piece == kPriority || out.size() + piece.size() <= 6) << piece.size();
    out += piece;
  }
  EXPECT_EQ(out, all);
}

TEST(ControlFrames, OtherStreamsPassAsTheyCome) {
  ControlFrames frames;
  EXPECT_EQ(passed(frames, "\x02"), "\x02");
  EXPECT_EQ(passed(frames, kPriority.substr(0, 6)), kPriority.substr(0, 6));
  ControlFrames at_once;
  EXPECT_EQ(passed(at_once, "\x02"s + kPriority.substr(0, 6)), "\x02"s + kPriority.substr(0, 6));
}

TEST(ControlFrames, ALongPriorityIsRefused) {
  ControlFrames frames;
  EXPECT_EQ(passed(frames, "\0\x80\x0f\x07\x00\x44\x01"s), "(too long)");
}

}  // namespace
}  // namespace sally::http3
