// Extended CONNECT: another protocol in a stream (RFC 8441).
#include <gtest/gtest.h>

#include "proto/http2/server_codec.h"
#include "proto/http2/test_client.h"

namespace sally::http2 {
namespace {

class Script final : public http::BodySource {
 public:
  Result<http::BodyView> view(std::size_t want) override {
    const std::size_t n = std::min(want, give.size());
    return http::BodyView{as_bytes(std::string_view(give).substr(0, n)), ends && n == give.size()};
  }
  void consume(std::size_t n) override { give.erase(0, n); }
  void wake_with(http::Waker& w) override { waker = &w; }
  std::string give;
  bool ends = false;
  http::Waker* waker = nullptr;
};

struct Tunnel {
  Script* script = nullptr;
  std::string heard;
  bool client_ended = false;

  Task<Result<Unit>> hear(http::Exchange& x) {
    for (;;) {
      CO_TRY(const Bytes more, co_await x.request_body.more());
      if (more.empty()) break;
      heard += as_text(more);
      x.request_body.consume(more.size());
    }
    client_ended = true;
    co_return Unit{};
  }
  void grant(http::Exchange& x) {
    auto source = std::make_unique<Script>();
    script = source.get();
    x.response.body = http::Body::from(std::move(source), std::nullopt);
    x.respond_tunnel();
    x.handling = Running<Result<Unit>>(hear(x));
    x.handling.start();
  }
  void say(TestConnection& c, std::string_view text, bool end = false) {
    script->give += text;
    script->ends = end;
    script->waker->wake();
    c.turn();
  }
};

Headers extended(std::string_view protocol = "websocket") {
  return {{":method", "CONNECT"},
          {":protocol", std::string(protocol)},
          {":scheme", "https"},
          {":path", "/chat?x"},
          {":authority", "example.com"}};
}

TEST(Http2Tunnel, IsAnnounced) {
  TestConnection c(hello);
  c.hello();
  EXPECT_EQ(c.got.settings[NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL], 1u);
}

TEST(Http2Tunnel, BytesGoBothWaysAndEachSideEndsForItself) {
  Tunnel t;
  TestConnection c([&](http::Exchange& x) {
    EXPECT_EQ(x.request.protocol, "websocket");
    EXPECT_EQ(x.request.path, "/chat");
    EXPECT_EQ(x.request.query, "x");
    EXPECT_EQ(x.request.host, "example.com");
    t.grant(x);
  });
  c.hello();
  c.request(1, extended(), false);
  EXPECT_EQ(c.got.streams[1].field(":status"), "200");
  EXPECT_EQ(c.got.streams[1].field("content-length"), "");
  EXPECT_EQ(c.codec().waiting(), CodecWait::tunnel);
  c.feed(frame(NGHTTP2_DATA, 0, 1, "to you"));
  EXPECT_EQ(t.heard, "to you");
  t.say(c, "to me");
  EXPECT_EQ(c.got.streams[1].body, "to me");
  EXPECT_FALSE(c.got.streams[1].ended);
  EXPECT_EQ(c.codec().waiting(), CodecWait::tunnel);
  c.feed(frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "."));
  EXPECT_TRUE(t.client_ended);
  t.say(c, "!", true);
  EXPECT_EQ(c.got.streams[1].body, "to me!");
  EXPECT_TRUE(c.got.streams[1].ended);
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "");
  EXPECT_EQ(c.log[0].status, 200);
  EXPECT_EQ(c.pool().open(), 0u);
  EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
}

TEST(Http2Tunnel, ResetsReachTheHandlerAndTheClient) {
  Tunnel t;
  TestConnection c([&](http::Exchange& x) { t.grant(x); });
  c.hello();
  c.request(1, extended(), false);
  c.feed(frame(NGHTTP2_RST_STREAM, 0, 1, octets_of(NGHTTP2_CANCEL, 4)));
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.pool().open(), 0u);
  c.request(3, extended(), false);
  c.open[3]->abort(Error(kBadAnswer, {}, {}, std::source_location::current()));
  c.turn();
  EXPECT_EQ(c.log.size(), 2u);
  EXPECT_FALSE(c.got.streams[3].ended);
}

TEST(Http2Tunnel, IsOverWhenTheHandlerHasEnded) {
  Tunnel t;
  TestConnection c([&](http::Exchange& x) { t.grant(x); });
  c.hello();
  c.request(1, extended(), false);
  t.say(c, "goodbye", true);
  EXPECT_EQ(c.got.streams[1].body, "goodbye");
  EXPECT_TRUE(c.got.streams[1].ended);
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "");
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http2Tunnel, BesideOrdinaryRequests) {
  Tunnel t;
  TestConnection c([&](http::Exchange& x) { x.request.protocol.empty() ? hello(x) : t.grant(x); });
  c.hello();
  c.request(1, extended(), false);
  c.request(3, get("/a"));
  EXPECT_EQ(c.got.streams[3].body, "hello /a");
  EXPECT_EQ(c.codec().waiting(), CodecWait::tunnel);
}

TEST(Http2Tunnel, ARefusalIsAnOrdinaryAnswer) {
  TestConnection c([&](http::Exchange& x) { x.respond_text(403, "text/plain", "no"); });
  c.hello();
  c.request(1, extended("chess"), false);
  EXPECT_EQ(c.got.streams[1].field(":status"), "403");
  EXPECT_EQ(c.got.streams[1].body, "no");
}

}  // namespace
}  // namespace sally::http2
