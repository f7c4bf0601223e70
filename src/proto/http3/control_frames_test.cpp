#include "proto/http3/control_frames.h"

#include <gtest/gtest.h>
#include <nghttp3/nghttp3.h>

namespace sally::http3 {
namespace {

using namespace std::string_literals;

const std::string kSettings = "\x04\x02\x01\x00"s, kReserved = "\x21\x03"s + "abc";
const std::string kPriority = "\x80\x0f\x07\x00\x04\x00u=1"s;

std::string passed(ControlFrames& frames, std::string_view bytes) {
  const auto out = frames.pass(as_bytes(bytes));
  return out ? std::string(as_text(*out)) : "(refused)";
}

/// The code with which a connection ends that begins well and goes on with these bytes; 0: it does not end.
std::uint64_t code_of(std::string_view bytes) {
  ControlFrames frames;
  const std::string all = "\0"s + kSettings + std::string(bytes);
  const auto out = frames.pass(as_bytes(all));
  return out ? 0 : out.error();
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
  EXPECT_EQ(passed(frames, "\0\x80\x0f\x07\x00\x44\x01"s), "(refused)");
  EXPECT_EQ(code_of("\x80\x0f\x07\x00\x44\x01"s), static_cast<std::uint64_t>(NGHTTP3_H3_EXCESSIVE_LOAD));
}

TEST(ControlFrames, WhatHoldsOneNumberHoldsNothingElse) {
  const std::uint64_t frame_error = NGHTTP3_H3_FRAME_ERROR, id_error = NGHTTP3_H3_ID_ERROR;
  EXPECT_EQ(code_of("\x07\x01\x04\x07\x02\x40\x04"s), 0u);
  EXPECT_EQ(code_of("\x07\x00"s), frame_error);
  EXPECT_EQ(code_of("\x07\x02\x00\x00"s), frame_error);
  EXPECT_EQ(code_of("\x07\x01\x40"s), frame_error);
  EXPECT_EQ(code_of("\x07\x09"s), frame_error);
  EXPECT_EQ(code_of("\x03\x01\x00"s), id_error);
  EXPECT_EQ(code_of("\x0d\x01\x08\x0d\x01\x08\x0d\x01\x09"s), 0u);
  EXPECT_EQ(code_of("\x0d\x01\x08\x0d\x01\x07"s), id_error);
}

TEST(ControlFrames, WhatComesBeforeTheSettingsIsLeftToNghttp3) {
  ControlFrames frames;
  EXPECT_EQ(passed(frames, "\0\x07\x02\x00\x00"s), "\0\x07\x02\x00\x00"s);
}

}  // namespace
}  // namespace sally::http3
