#include "load/http2_speaker.h"

#include <gtest/gtest.h>

#include "load/test_sink.h"

namespace sally::load {
namespace {

std::string frame(unsigned type, unsigned flags, unsigned stream, std::string_view payload) {
  std::string out;
  for (const int shift : {16, 8, 0}) out += static_cast<char>(payload.size() >> shift);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(stream >> shift);
  return out + std::string(payload);
}
std::string number(std::uint32_t n) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(n >> shift);
  return out;
}
std::string setting(unsigned id, std::uint32_t value) {
  return {std::string("\0", 1) + static_cast<char>(id) + number(value)};
}

constexpr unsigned kDataFrame = 0, kHeadersFrame = 1, kResetFrame = 3, kSettingsFrame = 4, kPushFrame = 5,
                   kPingFrame = 6, kGoawayFrame = 7, kWindowFrame = 8, kContinuationFrame = 9;
const std::string kSettingsOfServer = frame(kSettingsFrame, 0, 0, "");
const std::string kOk = "\x88";        // :status 200
const std::string kNotFound = "\x8d";  // :status 404

struct Talk {
  Plan plan = plan_for("https://example.com/a");
  TestSink sink;
  std::optional<RequestText> text;
  std::optional<Http2Speaker> speaker;
  std::string out;
  bool good = true;

  explicit Talk(unsigned streams = 4, std::string body = "") {
    plan.body = std::move(body);
    text.emplace(plan, plan.urls);
    speaker.emplace(*text, sink, streams);
  }
  void hear(std::string_view bytes) { good = good && speaker->receive(as_bytes(bytes), out).has_value(); }
  void ask(int due) { speaker->ask(0, asked_at(due), out); }
};

TEST(Http2Speaker, BeginsWithThePrefaceAndAsksOneThingBeforeSettings) {
  Talk talk;
  talk.speaker->begin(talk.out);
  EXPECT_TRUE(talk.out.starts_with("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  ASSERT_TRUE(talk.speaker->has_room());
  talk.ask(1);
  EXPECT_FALSE(talk.speaker->has_room()) << "how many more, only the server knows";
  talk.out.clear();
  talk.hear(kSettingsOfServer);
  EXPECT_TRUE(talk.speaker->has_room());
  EXPECT_EQ(talk.out, frame(kSettingsFrame, 1, 0, ""));
}

TEST(Http2Speaker, TheSecondRequestRefersToTheFirst) {
  Talk talk;
  talk.hear(kSettingsOfServer);
  talk.out.clear();
  talk.ask(1);
  const std::string first = talk.out;
  talk.out.clear();
  talk.ask(2);
  EXPECT_TRUE(first.contains("example.com"));
  // :method GET, :scheme https, and three entries of the table, the oldest one first
  EXPECT_EQ(talk.out, frame(kHeadersFrame, 5, 3, "\x82\x87\xc0\xbf\xbe"));
}

TEST(Http2Speaker, NoTableNoReferences) {
  Talk talk;
  talk.hear(frame(kSettingsFrame, 0, 0, setting(1, 0)));
  talk.out.clear();
  talk.ask(1);
  ASSERT_GT(talk.out.size(), 10u);
  EXPECT_EQ(talk.out[9], '\x20') << "the table's size is acknowledged (RFC 7541 4.2)";
  talk.out.clear();
  talk.ask(2);
  EXPECT_EQ(talk.out[9], '\x82');
  EXPECT_TRUE(talk.out.contains("example.com"));
}

TEST(Http2Speaker, ATableThatVanishesIsReferredToNoMore) {
  Talk talk;
  talk.ask(1);
  talk.hear(frame(kSettingsFrame, 0, 0, setting(1, 0)));
  talk.out.clear();
  talk.ask(2);
  EXPECT_EQ(talk.out.substr(9, 2), "\x20\x82") << "the new size, and then no entry of the table";
  EXPECT_TRUE(talk.out.contains("example.com"));
  EXPECT_FALSE(talk.speaker->is_leaving());
}

TEST(Http2Speaker, AConnectionHasItsShareOfRequestsAndSaysGoodbye) {
  Talk talk;
  talk.speaker.emplace(*talk.text, talk.sink, 4, 2);
  talk.hear(kSettingsOfServer);
  talk.ask(1);
  EXPECT_FALSE(talk.speaker->is_leaving());
  talk.ask(2);
  EXPECT_TRUE(talk.speaker->is_leaving());
  EXPECT_FALSE(talk.speaker->has_room());
  talk.hear(frame(kHeadersFrame, 5, 3, kOk) + frame(kHeadersFrame, 5, 1, kOk));
  EXPECT_EQ(talk.sink.told, "200@2 200@1 ");
  talk.out.clear();
  talk.speaker->leave(talk.out);
  EXPECT_EQ(talk.out, frame(kGoawayFrame, 0, 0, number(0) + number(0)));
}

TEST(Http2Speaker, ReadsAnswersHoweverTheyAreCut) {
  const std::string all = kSettingsOfServer + frame(kHeadersFrame, 4, 3, kOk) +
                          frame(kDataFrame, 0, 3, "hello") + frame(kHeadersFrame, 0, 1, "") +
                          frame(kContinuationFrame, 4, 1, kNotFound) + frame(kPingFrame, 0, 0, "12345678") +
                          frame(kDataFrame, 1, 3, "") + frame(kDataFrame, 1, 1, "x") +
                          frame(77, 0, 0, "unknown");
  for (std::size_t cut = kSettingsOfServer.size(); cut <= all.size(); ++cut) {
    Talk talk;
    talk.hear(all.substr(0, kSettingsOfServer.size()));
    talk.ask(1);
    talk.ask(2);
    talk.out.clear();
    talk.hear(std::string_view(all).substr(kSettingsOfServer.size(), cut - kSettingsOfServer.size()));
    talk.hear(std::string_view(all).substr(cut));
    ASSERT_TRUE(talk.good) << cut;
    ASSERT_EQ(talk.sink.told, "200@2 404@1 ") << cut;
    ASSERT_EQ(talk.sink.body_bytes, 6u);
    ASSERT_EQ(talk.out, frame(kPingFrame, 1, 0, "12345678"));
    ASSERT_EQ(talk.speaker->pending(), 0u);
  }
}

TEST(Http2Speaker, PaddingPriorityAndTrailersAreSkipped) {
  Talk talk;
  talk.hear(kSettingsOfServer);
  talk.ask(1);
  talk.hear(frame(kHeadersFrame, 0x4 | 0x8 | 0x20, 1, std::string("\x02") + number(0) + "\x10" + kOk + "pp"));
  talk.hear(frame(kHeadersFrame, 0x5, 1, std::string("\x00\x01x\x01y", 5)));
  EXPECT_TRUE(talk.good);
  EXPECT_EQ(talk.sink.told, "200@1 ");
}

TEST(Http2Speaker, ABodyObeysTheWindows) {
  Talk talk(2, std::string(100'000, 'b'));
  talk.hear(frame(kSettingsFrame, 0, 0, setting(4, 20'000)));
  talk.out.clear();
  talk.ask(1);
  const auto sent = [&] { return std::count(talk.out.begin(), talk.out.end(), 'b'); };
  EXPECT_EQ(sent(), 20'000);
  talk.hear(frame(kWindowFrame, 0, 1, number(1'000'000)));
  talk.speaker->send_more(talk.out);
  EXPECT_EQ(sent(), 65'535) << "the connection's own window";
  talk.hear(frame(kWindowFrame, 0, 0, number(1'000'000)));
  talk.speaker->send_more(talk.out);
  EXPECT_EQ(sent(), 100'000);
  talk.hear(frame(kHeadersFrame, 5, 1, kOk));
  EXPECT_EQ(talk.sink.told, "200@1 ");
}

TEST(Http2Speaker, AnEarlyAnswerEndsTheBody) {
  Talk talk(2, std::string(100'000, 'b'));
  talk.hear(kSettingsOfServer);
  talk.ask(1);
  talk.out.clear();
  talk.hear(frame(kHeadersFrame, 5, 1, kNotFound));
  EXPECT_EQ(talk.sink.told, "404@1 ");
  EXPECT_EQ(talk.out, frame(kResetFrame, 0, 1, number(8)));
  talk.out.clear();
  talk.speaker->send_more(talk.out);
  EXPECT_EQ(talk.out, "");
}

TEST(Http2Speaker, TheServerSetsHowManyAtOnce) {
  Talk talk(4);
  talk.hear(frame(kSettingsFrame, 0, 0, setting(3, 2)));
  talk.ask(1);
  EXPECT_TRUE(talk.speaker->has_room());
  talk.ask(2);
  EXPECT_FALSE(talk.speaker->has_room());
  talk.hear(frame(kHeadersFrame, 5, 1, kOk));
  EXPECT_TRUE(talk.speaker->has_room());
}

TEST(Http2Speaker, ManyRequestsBesideASlowOneNeverCollide) {
  Talk talk(3);
  talk.hear(kSettingsOfServer);
  talk.ask(1);  // stream 1 stays open
  unsigned found = 0;
  for (int i = 2; i < 200; ++i) {
    talk.out.clear();
    talk.ask(i);
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(talk.out[at]); };
    const unsigned stream = byte(7) * 256u + byte(8);
    ASSERT_GT(stream, found);
    found = stream;
    talk.hear(frame(kHeadersFrame, 5, stream, kOk));
    ASSERT_EQ(talk.speaker->pending(), 1u);
  }
  talk.sink.told.clear();
  talk.hear(frame(kHeadersFrame, 5, 1, kOk));
  EXPECT_EQ(talk.sink.told, "200@1 ");
}

TEST(Http2Speaker, ResetsAndGoawaySayWhatBecameOfTheRequests) {
  Talk talk(8);
  talk.hear(kSettingsOfServer);
  for (int i = 1; i <= 4; ++i) talk.ask(i);
  talk.hear(frame(kResetFrame, 0, 1, number(2)));
  talk.hear(frame(kResetFrame, 0, 3, number(7)));
  EXPECT_EQ(talk.sink.told, "failed(stream_reset)@1 failed(refused_stream)@2 ");
  talk.sink.told.clear();
  talk.hear(frame(kGoawayFrame, 0, 0, number(5) + number(0)));
  EXPECT_EQ(talk.sink.told, "unprocessed@4 ");
  EXPECT_TRUE(talk.speaker->is_leaving());
  EXPECT_EQ(talk.speaker->pending(), 1u);
  talk.speaker->abandon(Failure::closed);
  EXPECT_EQ(talk.sink.told, "unprocessed@4 failed(closed)@3 ");
}

TEST(Http2Speaker, GivesUpOnlyWhatIsTooLate) {
  Talk talk;
  talk.hear(kSettingsOfServer);
  talk.ask(10);
  talk.ask(20);
  talk.out.clear();
  EXPECT_TRUE(talk.speaker->expire(TimePoint(Duration(15)), talk.out));
  EXPECT_EQ(talk.sink.told, "failed(timeout)@10 ");
  EXPECT_EQ(talk.out, frame(kResetFrame, 0, 1, number(8)));
  talk.hear(frame(kHeadersFrame, 5, 1, kOk));
  EXPECT_TRUE(talk.good) << "an answer that comes later is passed over";
  EXPECT_EQ(talk.speaker->pending(), 1u);
}

TEST(Http2Speaker, OpensTheWindowOfALongBody) {
  Talk talk;
  talk.hear(kSettingsOfServer);
  talk.ask(1);
  talk.hear(frame(kHeadersFrame, 4, 1, kOk));
  talk.out.clear();
  const std::string piece = frame(kDataFrame, 0, 1, std::string(16384, 'x'));
  std::string many;
  for (int i = 0; i < 64; ++i) many += piece;
  for (int i = 0; i < 520; ++i) talk.hear(many);
  EXPECT_TRUE(talk.good);
  EXPECT_TRUE(
      talk.out.starts_with(frame(kWindowFrame, 0, 0, "").substr(3, 6).insert(0, std::string("\0\0\x04", 3))));
  EXPECT_EQ(talk.out.size(), 2u * 13) << "one for the connection, one for the stream";
}

TEST(Http2Speaker, WhatBreaksTheRulesIsAnError) {
  const std::string rows[] = {
      frame(kHeadersFrame, 4, 0, kOk),
      frame(kDataFrame, 0, 0, "x"),
      frame(kHeadersFrame, 4, 1, "\xff\xff\xff\xff\xff\xff"),
      frame(kHeadersFrame, 0, 1, "") + frame(kDataFrame, 0, 1, "x"),
      frame(kContinuationFrame, 4, 1, kOk),
      frame(kHeadersFrame, 0xc, 1, "\x09x"),
      frame(kSettingsFrame, 0, 0, "12345"),
      frame(kSettingsFrame, 0, 0, setting(4, 0x80000000)),
      frame(kSettingsFrame, 0, 0, setting(5, 1)),
      frame(kPingFrame, 0, 0, "1"),
      frame(kGoawayFrame, 0, 0, "1"),
      frame(kWindowFrame, 0, 0, "1"),
      frame(kWindowFrame, 0, 0, number(0x7fffffff)),
      frame(kResetFrame, 0, 0, number(1)),
      frame(kPushFrame, 4, 1, number(2) + kOk),
      std::string("\x01\x00\x00\x00\x00\x00\x00\x00\x01", 9),
  };
  for (const std::string& row : rows) {
    Talk talk;
    talk.hear(kSettingsOfServer);
    talk.ask(1);
    talk.hear(row);
    EXPECT_FALSE(talk.good) << &row - rows;
  }
  Talk early;
  early.hear(frame(kPingFrame, 0, 0, "12345678"));
  EXPECT_FALSE(early.good) << "SETTINGS come first (RFC 9113 3.4)";
}

}  // namespace
}  // namespace sally::load
