// Extended CONNECT: another protocol in a stream (RFC 8441).
#include <gtest/gtest.h>

#include "proto/http2/server_codec.h"
#include "proto/http2/test_client.h"
#include "proto/tunnel_fixture.h"

namespace sally::http2 {
namespace {

struct Tunnel : GrantedTunnel {
  void say(TestConnection& c, std::string_view text, bool end = false) {
    GrantedTunnel::say(text, end);
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
