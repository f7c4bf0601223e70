#include "proto/http2/client_codec.h"

#include <gtest/gtest.h>

#include "proto/http2/request_fields.h"
#include "proto/http2/test_client.h"

namespace sally::http2 {
namespace {

/// Writes down what it is told.
struct Heard final : ClientStream {
  Heard() : ClientStream({1024, 1024}) {
    memory_ = &memory;
    fields_ = &fields;
    trailers_ = &trailers;
  }
  void on_interim(int status) override {
    told += std::to_string(status) + " ";
    fields.clear();
  }
  void on_final(int status, std::optional<std::uint64_t> length) override {
    told += std::to_string(status) + (length ? "/" + std::to_string(*length) : "") + " ";
    if (leaves) codec->detach(*this);
  }
  void on_input() override { told += "input "; }
  void on_reset(std::uint32_t code, bool by_peer) override {
    told += "reset " + std::to_string(code) + (by_peer ? " by peer " : " ");
  }
  void on_sent() override { told += "sent "; }
  std::string content() const { return std::string(as_text(content_.readable())); }
  void add(std::string_view text) { ASSERT_TRUE(body_.append(text)); }
  void end(const http::Fields& with) {
    body_trailers_ = &with;
    body_ended_ = true;
  }
  bool whole() const { return whole_; }
  void use(std::size_t n) {
    content_.consume(n);
    codec->consumed(*this, n);
  }

  ClientCodec* codec = nullptr;
  bool leaves = false;
  std::string told;
  Arena memory;
  http::Fields fields, trailers;
};

class Http2ClientCodec : public testing::Test {
 protected:
  Http2ClientCodec() {
    sent();
    say(frame(NGHTTP2_SETTINGS, 0, 0, "") + frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, ""));
  }

  void ask(Heard& s, bool body = false) {
    s.codec = &codec_;
    RequestFields fields;
    RequestHead head;
    head.host = "example.com";
    head.path = "/";
    fields.start(head);
    ASSERT_TRUE(codec_.submit(s, fields.all(), body));
    sent();
  }
  /// What goes out, after the preface.
  std::string sent() {
    Buffer out(1 << 20);
    EXPECT_TRUE(codec_.produce(out, 1 << 19));
    return std::string(as_text(out.readable()));
  }
  std::string say(const std::string& frames) {
    const auto taken = codec_.receive(as_bytes(frames));
    return taken ? "" : std::string(taken.error().kind().id);
  }
  std::string head(std::uint32_t stream, const Headers& fields, unsigned flags = NGHTTP2_FLAG_END_HEADERS) {
    return frame(NGHTTP2_HEADERS, flags, stream, packer_.pack(fields));
  }
  static std::string data(std::uint32_t stream, std::string_view text, bool end = false) {
    return frame(NGHTTP2_DATA, end ? NGHTTP2_FLAG_END_STREAM : 0, stream, text);
  }
  static constexpr unsigned kEnd = NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM;

  ClientLimits limits_{2048, 8, 1024, 10};
  ClientCodec codec_{limits_};
  Packer packer_;
};

TEST_F(Http2ClientCodec, AnswersInAnyOrder) {
  Heard a, b;
  ask(a);
  ask(b);
  EXPECT_EQ(codec_.open(), 2U);
  EXPECT_EQ(say(head(3, {{":status", "404"}}, kEnd) + head(1, {{":status", "200"}, {"content-length", "2"}})),
            "");
  EXPECT_EQ(say(data(1, "ab", true)), "");
  EXPECT_EQ(a.told, "200/2 input ");
  EXPECT_EQ(a.content(), "ab");
  EXPECT_TRUE(a.whole());
  EXPECT_EQ(b.told, "404 input ");
  EXPECT_EQ(codec_.open(), 0U);
}

TEST_F(Http2ClientCodec, InterimsFieldsAndTrailers) {
  Heard a;
  ask(a);
  EXPECT_EQ(say(head(1, {{":status", "103"}, {"link", "x"}}) + head(1, {{":status", "200"}, {"a", "1"}}) +
                data(1, "x") + head(1, {{"t", "2"}}, kEnd)),
            "");
  EXPECT_EQ(a.told, "103 200 input ");
  EXPECT_EQ(a.fields.first("a"), "1");
  EXPECT_FALSE(a.fields.first("link"));
  EXPECT_EQ(a.trailers.first("t"), "2");
  Heard b;
  ask(b);
  std::string many;
  for (std::uint32_t i = 0; i <= ClientCodec::kInterims; ++i) many += head(3, {{":status", "102"}});
  EXPECT_EQ(say(many), "");
  sent();
  EXPECT_TRUE(b.told.find("reset") == b.told.npos);
  EXPECT_EQ(say(head(3, {{":status", "102"}})), "");
  sent();
  EXPECT_EQ(say(frame(NGHTTP2_PING, 0, 0, "12345678")), "");
  EXPECT_NE(b.told.find("reset 11 "), b.told.npos);
}

TEST_F(Http2ClientCodec, WhatIsTooLargeIsReset) {
  Heard a, b;
  ask(a);
  ask(b);
  EXPECT_EQ(say(head(1, {{":status", "200"}, {"x", std::string(1900, 'a')}, {"y", std::string(200, 'a')}})),
            "");
  Headers many{{":status", "200"}};
  for (int i = 0; i < 8; ++i) many.push_back({"f", "1"});
  EXPECT_EQ(say(head(3, many)), "");
  sent();
  say(frame(NGHTTP2_PING, 0, 0, "12345678"));
  EXPECT_EQ(a.told, "reset 11 ");
  EXPECT_EQ(b.told, "reset 11 ");
}

TEST_F(Http2ClientCodec, WindowBoundsWhatWaits) {
  Heard a;
  ask(a);
  EXPECT_EQ(say(head(1, {{":status", "200"}}) + data(1, std::string(1024, 'x'))), "");
  EXPECT_EQ(a.content().size(), 1024U);
  a.use(600);
  EXPECT_NE(sent().find(frame(NGHTTP2_WINDOW_UPDATE, 0, 1, octets_of(600, 4))), std::string::npos);
  EXPECT_EQ(say(data(1, std::string(600, 'y'))), "");
  EXPECT_EQ(a.content().size(), 1024U);
  say(data(1, "z"));  // more than was allowed
  sent();
  say(frame(NGHTTP2_PING, 0, 0, "12345678"));
  EXPECT_NE(a.told.find("reset 3 "), a.told.npos) << a.told;
}

TEST_F(Http2ClientCodec, BodyGoesOutWithTrailers) {
  Heard a;
  ask(a, true);
  a.add("hello");
  codec_.resume(a);
  EXPECT_EQ(sent(), frame(NGHTTP2_DATA, 0, 1, "hello"));
  EXPECT_EQ(a.told, "sent ");
  http::Fields trailers;
  trailers.add("t", "1");
  a.end(trailers);
  codec_.resume(a);
  const std::string rest = sent();
  ASSERT_GE(rest.size(), 9U);
  EXPECT_EQ(rest[3], NGHTTP2_HEADERS);
  EXPECT_EQ(rest[4], NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM);
}

TEST_F(Http2ClientCodec, ResetAndGoaway) {
  Heard a, b, c;
  ask(a);
  ask(b);
  ask(c);
  EXPECT_EQ(say(frame(NGHTTP2_RST_STREAM, 0, 1, octets_of(NGHTTP2_INTERNAL_ERROR, 4))), "");
  EXPECT_EQ(a.told, "reset 2 by peer ");
  EXPECT_EQ(say(frame(NGHTTP2_GOAWAY, 0, 0, octets_of(3, 4) + octets_of(0, 4))), "");
  EXPECT_EQ(c.told, "reset 7 by peer ");
  EXPECT_EQ(codec_.room(), 0U);
  EXPECT_EQ(say(head(3, {{":status", "200"}}, kEnd)), "");
  EXPECT_EQ(b.told, "200 input ");
}

TEST_F(Http2ClientCodec, AnEarlyAnswerIsWholeThoughItsStreamIsReset) {
  Heard a;
  ask(a, true);
  EXPECT_EQ(say(head(1, {{":status", "413"}}, kEnd) +
                frame(NGHTTP2_RST_STREAM, 0, 1, octets_of(NGHTTP2_NO_ERROR, 4))),
            "");
  EXPECT_EQ(a.told, "sent 413 input ");
  EXPECT_TRUE(a.whole());
}

TEST_F(Http2ClientCodec, LeavingCancels) {
  Heard a, b;
  ask(a);
  ask(b);
  a.leaves = true;
  EXPECT_EQ(say(head(1, {{":status", "200"}}) + data(1, "x") + head(3, {{":status", "200"}}, kEnd)), "");
  EXPECT_EQ(a.told, "200 ");
  EXPECT_EQ(b.told, "200 input ");
  EXPECT_EQ(sent(), frame(NGHTTP2_RST_STREAM, 0, 1, octets_of(NGHTTP2_CANCEL, 4)));
  EXPECT_EQ(codec_.open(), 0U);
  EXPECT_EQ(say(data(1, "late")), "");
}

TEST_F(Http2ClientCodec, RoomIsWhatBothSidesAllow) {
  EXPECT_EQ(codec_.room(), 10U);
  EXPECT_EQ(say(frame(NGHTTP2_SETTINGS, 0, 0, setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1))), "");
  EXPECT_EQ(codec_.room(), 1U);
  Heard a;
  ask(a);
  EXPECT_EQ(codec_.room(), 0U);
  codec_.detach(a);
  sent();
  EXPECT_EQ(codec_.room(), 1U);
  codec_.say_the_end();
  EXPECT_NE(sent(), "");
}

TEST_F(Http2ClientCodec, WhatIsNoHttp2EndsTheConnection) {
  Heard a;
  ask(a);
  EXPECT_EQ(say("HTTP/1.1 400 Bad Request\r\n\r\n"), "");
  Buffer out(1 << 20);
  const auto made = codec_.produce(out, 1 << 19);
  ASSERT_FALSE(made);
  EXPECT_TRUE(made.error().is(kServerProtocol));
}

}  // namespace
}  // namespace sally::http2
