#include "proto/http2/server_codec.h"

#include <gtest/gtest.h>

#include "proto/http2/test_client.h"

namespace sally::http2 {
namespace {

TEST(Http2Codec, AnswersARequestHoweverItsBytesAreCut) {
  for (const std::size_t cut : {1, 2, 3, 7, 9, 24, 33, 1000}) {
    TestConnection c(hello);
    c.feed(std::string(kPreface) + frame(NGHTTP2_SETTINGS, 0, 0, {}) + c.packer().headers(1, get("/a?b")),
           cut);
    const Got& got = c.got.streams[1];
    EXPECT_EQ(got.body, "hello /a") << cut;
    EXPECT_TRUE(got.ended);
    EXPECT_EQ(got.field(":status"), "200");
    EXPECT_EQ(got.field("content-length"), "8");
    EXPECT_EQ(got.field("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(got.field("server"), "sallyport");
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_EQ(c.log[0].failure, "");
    EXPECT_EQ(c.log[0].host, "example.com");
    EXPECT_EQ(c.log[0].sent_body_bytes, 8u);
    EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
    EXPECT_EQ(c.pool().open(), 0u);
    EXPECT_FALSE(c.overrun);
  }
}

TEST(Http2Codec, AnnouncesItsLimits) {
  TestConnection c(hello);
  c.hello();
  EXPECT_EQ(c.got.types.at(0), NGHTTP2_SETTINGS);
  EXPECT_EQ(c.got.settings[NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES], 1u);
  EXPECT_EQ(c.got.settings[NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS], 128u);
  EXPECT_EQ(c.got.settings[NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE], 16384u);
  EXPECT_EQ(c.got.settings[NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE], 65536u) << "no more than a body pipe holds";
  ASSERT_EQ(c.got.window_updates.size(), 1u);
  EXPECT_EQ(c.got.window_updates[0], std::pair(0u, 1024u * 1024 - 65535));
  EXPECT_EQ(c.got.settings_replies, 1u);
}

TEST(Http2Codec, AnswersManyAtOnce) {
  TestConnection c(hello);
  c.hello();
  std::string all;
  for (std::uint32_t id = 1; id < 200; id += 2) all += c.packer().headers(id, get("/" + std::to_string(id)));
  c.feed(all);
  for (std::uint32_t id = 1; id < 200; id += 2)
    EXPECT_EQ(c.got.streams[id].body, "hello /" + std::to_string(id));
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http2Codec, EchoesABodyAndItsTrailers) {
  TestConnection c(echo);
  c.hello();
  c.request(1, post({{"content-length", "6"}}), false);
  EXPECT_EQ(c.codec().waiting(), CodecWait::body);
  c.feed(frame(NGHTTP2_DATA, 0, 1, "abc"));
  c.feed(frame(NGHTTP2_DATA, 0, 1, "def"));
  c.feed(frame(NGHTTP2_HEADERS, 0x5, 1, c.packer().pack({{"sum", "6"}})));
  EXPECT_EQ(c.got.streams[1].body, "abcdef|sum=6");
  EXPECT_EQ(c.log.at(0).failure, "");
}

TEST(Http2Codec, AsksForContentWhenTheHandlerReads) {
  TestConnection c(echo);
  c.hello();
  c.request(1, post({{"expect", "100-continue"}, {"content-length", "2"}}), false);
  ASSERT_EQ(c.got.streams[1].interims.size(), 1u);
  EXPECT_EQ(c.got.streams[1].interims[0], (Headers{{":status", "100"}}));
  c.feed(frame(NGHTTP2_DATA, 1, 1, "ab"));
  EXPECT_EQ(c.got.streams[1].body, "ab");

  TestConnection refusing([](http::Exchange& x) { x.respond_text(403, "text/plain", "no"); });
  refusing.hello();
  refusing.request(1, post({{"expect", "100-continue"}, {"content-length", "2"}}), false);
  EXPECT_TRUE(refusing.got.streams[1].interims.empty());
}

TEST(Http2Codec, ContentThatDoesNotFitItsLengthResets) {
  for (const std::string_view body : {"abc", "abcdef"}) {
    TestConnection c(echo);
    c.hello();
    c.request(1, post({{"content-length", "5"}}), false);
    c.feed(frame(NGHTTP2_DATA, 1, 1, body));
    EXPECT_EQ(c.got.streams[1].reset, NGHTTP2_PROTOCOL_ERROR) << body;
    EXPECT_EQ(c.got.streams[1].head, Headers{}) << body;
    EXPECT_EQ(c.log.at(0).failure, "http2.stream_error");
    EXPECT_EQ(c.pool().open(), 0u);
  }
}

TEST(Http2Codec, AHandlerThatDoesNotReadHoldsTheWindow) {
  TestConnection c(wait);
  c.hello();
  c.request(1, post(), false);
  for (int i = 0; i < 4; ++i) c.feed(frame(NGHTTP2_DATA, 0, 1, std::string(16'384, 'a')));
  EXPECT_EQ(c.got.window_updates.size(), 1u) << "the one of the greeting";
  EXPECT_EQ(c.open.at(1)->request_body.received_bytes(), 65'536u);
  EXPECT_EQ(c.codec().waiting(), CodecWait::response) << "not the client's turn";
  c.feed(frame(NGHTTP2_DATA, 0, 1, "x"));
  EXPECT_FALSE(c.got.streams[1].reset == std::nullopt && c.got.goaways.empty()) << "past the window";
}

TEST(Http2Codec, AHandlerThatReadsOpensTheWindow) {
  TestConnection c([](http::Exchange& x) {
    x.handling = Running<Result<Unit>>(read_and_echo(x));
    x.handling.start();
  });
  c.hello();
  c.request(1, post(), false);
  std::size_t sent = 0;
  for (; sent < 1'000'000; sent += 16'000) c.feed(frame(NGHTTP2_DATA, 0, 1, std::string(16'000, 'a')));
  EXPECT_TRUE(c.got.goaways.empty());
  c.feed(frame(NGHTTP2_DATA, 1, 1, {}));
  c.feed(frame(NGHTTP2_WINDOW_UPDATE, 0, 1, octets_of(2'000'000, 4)) +
         frame(NGHTTP2_WINDOW_UPDATE, 0, 0, octets_of(2'000'000, 4)));
  EXPECT_EQ(c.got.streams[1].body.size(), sent);
}

TEST(Http2Codec, ContentOfAnEndedStreamGivesTheConnectionsWindowBack) {
  TestConnection c(wait);
  c.hello();
  for (std::uint32_t id = 1; id < 100; id += 2) {
    c.request(id, post(), false);
    for (int i = 0; i < 4; ++i) c.feed(frame(NGHTTP2_DATA, 0, id, std::string(16'000, 'a')));
    c.feed(frame(NGHTTP2_RST_STREAM, 0, id, octets_of(NGHTTP2_CANCEL, 4)));
  }
  EXPECT_EQ(c.error, "");
  EXPECT_TRUE(c.got.goaways.empty()) << "3.2 MB went through a window of 1 MiB";
}

TEST(Http2Codec, ABodyPastTheLimitIsToldToTheHandler) {
  http::HttpLimits limits;
  limits.body_bytes = 10;
  std::string_view failure;
  TestConnection c(echo, limits);
  c.hello();
  c.request(1, post(), false);
  c.feed(frame(NGHTTP2_DATA, 1, 1, "0123456789abc"));
  ASSERT_TRUE(c.open.at(1)->handling.done());
  const auto result = c.open.at(1)->handling.take();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind().id, "http.body_too_large");
}

TEST(Http2Codec, AResetCancelsTheHandler) {
  TestConnection c(echo);
  c.hello();
  c.request(1, post(), false);
  ASSERT_TRUE(c.open.at(1)->handling.holds());
  c.feed(frame(NGHTTP2_RST_STREAM, 0, 1, octets_of(NGHTTP2_CANCEL, 4)));
  EXPECT_EQ(c.log.at(0).failure, "http2.reset_by_client");
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http2Codec, DrainsInTwoSteps) {
  TestConnection c(wait);
  c.hello();
  c.request(1, get());
  c.codec().drain();
  c.turn();
  ASSERT_EQ(c.got.goaways.size(), 1u);
  EXPECT_EQ(c.got.goaways[0], std::pair(0x7fffffffU, std::uint32_t{NGHTTP2_NO_ERROR}));
  c.request(3, get("/on its way"));
  c.request(5, get("/on-its-way"));
  ASSERT_EQ(c.got.pings.size(), 1u);
  c.feed(frame(NGHTTP2_PING, 1, 0, c.got.pings[0]));
  c.feed(frame(NGHTTP2_PING, 1, 0, c.got.pings[0]));
  ASSERT_EQ(c.got.goaways.size(), 2u);
  EXPECT_EQ(c.got.goaways[1].first, 5u);
  EXPECT_FALSE(c.codec().finished());
  c.request(7, get("/too late"));
  for (const std::int64_t id : {1, 5}) {
    ASSERT_TRUE(c.open.contains(id)) << id;
    hello(*c.open.at(id));
    c.turn();
  }
  EXPECT_EQ(c.got.streams[5].body, "hello /on-its-way");
  EXPECT_FALSE(c.got.streams.contains(7));
  EXPECT_TRUE(c.codec().finished());
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http2Codec, DrainsAfterTheLimitOfRequests) {
  http::HttpLimits limits;
  limits.requests_per_connection = 2;
  TestConnection c(hello, limits);
  c.hello();
  c.request(1, get());
  EXPECT_TRUE(c.got.goaways.empty());
  c.request(3, get());
  EXPECT_EQ(c.got.goaways.size(), 1u);
  EXPECT_EQ(c.got.streams[3].body, "hello /");
}

TEST(Http2Codec, ARulesBreachEndsAllExchanges) {
  const std::pair<const char*, std::string> breaches[] = {
      {"DATA on stream 0", frame(NGHTTP2_DATA, 0, 0, "a")},
      {"an even stream", frame(NGHTTP2_HEADERS, 5, 2, "\x82")},
      {"HPACK", frame(NGHTTP2_HEADERS, 5, 5, "\xff\xff\xff\xff\xff")},
      {"frame too large", frame(NGHTTP2_PING, 0, 0, std::string(17'000, 'a'))},
      {"WINDOW_UPDATE of nothing", frame(NGHTTP2_WINDOW_UPDATE, 0, 0, octets_of(0, 4))},
      {"window past 2^31", frame(NGHTTP2_WINDOW_UPDATE, 0, 0, octets_of(0x7fffffff, 4))},
      {"SETTINGS of 5 octets", frame(NGHTTP2_SETTINGS, 0, 0, "12345")},
      {"PUSH_PROMISE", frame(NGHTTP2_PUSH_PROMISE, 4, 1, octets_of(2, 4) + "\x82")},
      {"CONTINUATION of nothing", frame(NGHTTP2_CONTINUATION, 4, 1, "\x82")},
      {"DATA on an idle stream", frame(NGHTTP2_DATA, 0, 9, "a")},
  };
  for (const auto& [what, bytes] : breaches) {
    TestConnection c(wait);
    c.hello();
    c.request(1, get());
    c.feed(bytes);
    ASSERT_EQ(c.got.goaways.size(), 1u) << what;
    EXPECT_NE(c.got.goaways[0].second, NGHTTP2_NO_ERROR) << what;
    EXPECT_TRUE(c.codec().finished()) << what;
    ASSERT_GE(c.log.size(), 1u) << what;
    for (const Finished& f : c.log) EXPECT_EQ(f.failure, "http2.protocol_error") << what;
    EXPECT_EQ(c.pool().open(), 0u) << what;
    c.feed(frame(NGHTTP2_PING, 0, 0, "12345678"));
    EXPECT_EQ(c.got.ping_replies, 0u) << what;
  }
}

TEST(Http2Codec, AnotherProtocolGetsAGoodbye) {
  TestConnection c(hello);
  c.feed("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
  EXPECT_EQ(c.error, "http2.bad_preface");
  ASSERT_EQ(c.got.types.size(), 2u);
  EXPECT_EQ(c.got.types[0], NGHTTP2_SETTINGS);
  EXPECT_EQ(c.got.goaways.at(0).second, NGHTTP2_PROTOCOL_ERROR);
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http2Codec, EndsWithATimersError) {
  static constexpr ErrorKind kTimer{"test.timer", Blame::peer, Retry::later, "", "", "", -1, 408};
  const Error why(kTimer, {}, "", std::source_location::current());
  TestConnection idle(hello);
  idle.hello();
  idle.codec().fail_with(why);
  idle.turn();
  EXPECT_EQ(idle.got.goaways.at(0).second, NGHTTP2_NO_ERROR);
  EXPECT_TRUE(idle.codec().finished());

  TestConnection busy(wait);
  busy.hello();
  busy.request(1, get());
  busy.room_each = 5;
  busy.codec().fail_with(why);
  EXPECT_TRUE(busy.sendable);
  EXPECT_FALSE(busy.codec().finished());
  busy.turn();
  EXPECT_EQ(busy.got.goaways.at(0), std::pair(1u, std::uint32_t{NGHTTP2_ENHANCE_YOUR_CALM}));
  EXPECT_EQ(busy.log.at(0).failure, "test.timer");
  EXPECT_TRUE(busy.codec().finished());
}

TEST(Http2Codec, TheClientsEndBreaksWhatIsOpen) {
  TestConnection c(wait);
  c.hello();
  c.request(1, get());
  c.codec().end_of_input();
  EXPECT_EQ(c.log.at(0).failure, "http2.closed_by_client");
  EXPECT_TRUE(c.codec().finished());
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http2Codec, DestroyedWithOpenStreamsGivesThemBack) {
  TestConnection c(wait);
  c.hello();
  c.request(1, get());
  c.request(3, post(), false);
  c.producing = false;
  hello(*c.open.at(1));
  c.end();
  EXPECT_EQ(c.pool().open(), 0u);
  EXPECT_TRUE(c.log.empty());
}

TEST(Http2Codec, WaitsForTheRestOfAHead) {
  TestConnection c(hello);
  c.hello();
  EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
  const std::string block = c.packer().pack(get());
  c.feed(frame(NGHTTP2_HEADERS, 1, 1, block.substr(0, 3)));
  EXPECT_EQ(c.codec().waiting(), CodecWait::head);
  c.feed(frame(NGHTTP2_CONTINUATION, 4, 1, block.substr(3)));
  EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
}

TEST(Http2Codec, AnExceptionOfAnEventPassesThrough) {
  TestConnection c([](http::Exchange&) { throw std::runtime_error("a bug"); });
  c.hello();
  EXPECT_THROW(c.request(1, get()), std::runtime_error);
  c.end();
  EXPECT_EQ(c.pool().open(), 0u);
}

}  // namespace
}  // namespace sally::http2
