// Extended CONNECT: a WebSocket in a stream (RFC 9220).
#include <gtest/gtest.h>

#include "proto/http3/server_codec.h"
#include "proto/http3/test_client.h"
#include "proto/tunnel_fixture.h"

namespace sally::http3 {
namespace {

struct Tunnel : GrantedTunnel {
  void say(TestConnection& c, std::string_view text, bool end = false) {
    GrantedTunnel::say(text, end);
    c.run();
  }
};

std::vector<Header> extended() {
  return {{":method", "CONNECT"},
          {":protocol", "websocket"},
          {":scheme", "https"},
          {":authority", "example.com"},
          {":path", "/chat?x"}};
}

TEST(Http3Tunnel, BytesGoBothWaysAndEachSideEndsForItself) {
  Tunnel t;
  TestConnection c([&](http::Exchange& x) {
    EXPECT_EQ(x.request.protocol, "websocket");
    EXPECT_EQ(x.request.path, "/chat");
    t.grant(x);
  });
  const auto id = c.client.ask(extended(), "to you", true);
  c.run();
  EXPECT_EQ(c.client.got[id].field(":status"), "200");
  EXPECT_EQ(t.heard, "to you");
  EXPECT_EQ(c.codec.waiting(), CodecWait::tunnel);
  t.say(c, "to me");
  EXPECT_EQ(c.client.got[id].body, "to me");
  EXPECT_FALSE(c.client.got[id].ended);
  c.client.finish(id);
  c.run();
  EXPECT_TRUE(t.client_ended);
  t.say(c, "!", true);
  EXPECT_EQ(c.client.got[id].body, "to me!");
  EXPECT_TRUE(c.client.got[id].ended);
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "");
  EXPECT_EQ(c.pool().open(), 0u);
  EXPECT_EQ(c.codec.waiting(), CodecWait::idle);
}

TEST(Http3Tunnel, IsOverWhenTheHandlerHasEnded) {
  Tunnel t;
  TestConnection c([&](http::Exchange& x) { t.grant(x); });
  const auto id = c.client.ask(extended(), {}, true);
  c.run();
  t.say(c, "goodbye", true);
  EXPECT_EQ(c.client.got[id].body, "goodbye");
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "");
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http3Tunnel, AResetReachesTheHandler) {
  Tunnel t;
  TestConnection c([&](http::Exchange& x) { t.grant(x); });
  const auto id = c.client.ask(extended(), "half", true);
  c.run();
  ngtcp2_conn_shutdown_stream(c.link.client.conn, 0, id, NGHTTP3_H3_REQUEST_CANCELLED);
  c.run();
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "http3.reset_by_client");
  EXPECT_EQ(c.pool().open(), 0u);
}

}  // namespace
}  // namespace sally::http3
