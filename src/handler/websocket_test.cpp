#include "handler/websocket.h"

#include <gtest/gtest.h>

#include <vector>

namespace sally::handler {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 1.3

struct Ask {
  http::Exchange x{1024};

  explicit Ask(http::Version version = http::Version::http1_1) {
    http::Request& r = x.request;
    r.version = version;
    r.protocol = "WebSocket";
    const bool old = version == http::Version::http1_1;
    r.method = old ? http::Method::get : http::Method::connect;
    r.has_body = !old;
    if (old) r.fields.add("sec-websocket-key", kKey);
    r.fields.add("sec-websocket-version", "13");
  }
  std::string_view fault() const {
    const ErrorKind* const kind = handshake_fault(x.request);
    return kind == nullptr ? "" : kind->id;
  }
};

TEST(WebSocketHandshake, TheStandardsExampleIsTaken) {
  Ask ask;
  EXPECT_TRUE(asks_for_websocket(ask.x.request));
  EXPECT_EQ(ask.fault(), "");
  EXPECT_FALSE(refuse_bad_handshake(ask.x));
  EXPECT_EQ(websocket_key_of(ask.x), kKey);
  EXPECT_EQ(accept_for(kKey), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, OverHttp2TheKeyIsOurOwn) {
  Ask one(http::Version::http2), two(http::Version::http2);
  EXPECT_EQ(one.fault(), "");
  const std::string_view key = websocket_key_of(one.x);
  EXPECT_EQ(key.size(), 24u);
  EXPECT_TRUE(key.ends_with("=="));
  EXPECT_NE(key, websocket_key_of(two.x));
}

TEST(WebSocketHandshake, AnyOtherKeyIsRefused) {
  for (const std::string_view key :
       {"", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhlIHNhbXBsZSBub25jZQAAAA==", "dGhlIHNhbXBsZSBub25j,Q==", "dGhlIHNhbXBsZSBub25=ZQ=="}) {
    Ask ask;
    ask.x.request.fields.set("sec-websocket-key", key);
    EXPECT_EQ(ask.fault(), kBadHandshake.id) << key;
  }
  Ask twice;
  twice.x.request.fields.add("sec-websocket-key", kKey);
  EXPECT_EQ(twice.fault(), kBadHandshake.id);
  Ask none;
  none.x.request.fields.remove("sec-websocket-key");
  EXPECT_EQ(none.fault(), kBadHandshake.id);
}

TEST(WebSocketHandshake, AnotherVersionIsToldWhichOneIsSpoken) {
  for (const std::string_view version : {"", "8", "12", "014", "13, 8"}) {
    Ask ask;
    ask.x.request.fields.set("sec-websocket-version", version);
    EXPECT_TRUE(refuse_bad_handshake(ask.x));
    EXPECT_EQ(ask.x.response.status, 426) << version;
    EXPECT_EQ(ask.x.response.fields.first("sec-websocket-version"), "13");
    EXPECT_EQ(ask.x.response.fields.first("upgrade"), "websocket");
  }
  Ask stream(http::Version::http2);
  stream.x.request.fields.set("sec-websocket-version", "8");
  EXPECT_TRUE(refuse_bad_handshake(stream.x));
  EXPECT_EQ(stream.x.response.status, 400) << "HTTP/2 knows no Upgrade, which 426 must have";
  EXPECT_EQ(stream.x.response.fields.first("sec-websocket-version"), "13");
  EXPECT_EQ(stream.x.response.fields.count("upgrade"), 0u);
}

TEST(WebSocketHandshake, WhoeverSendsAKeyMeansIt) {
  Ask ask;
  ask.x.request.protocol = "";  // POST, HTTP/1.0, no Connection: Upgrade, several protocols
  EXPECT_EQ(ask.fault(), kBadHandshake.id);
  EXPECT_TRUE(refuse_bad_handshake(ask.x));
  EXPECT_EQ(ask.x.response.status, 400);
  EXPECT_EQ(ask.x.response.fields.count("sec-websocket-version"), 0u);
  ask.x.request.fields.remove("sec-websocket-key");
  EXPECT_EQ(ask.fault(), "") << "a plain request";
  EXPECT_EQ(websocket_key_of(ask.x), "");
  Ask other;
  other.x.request.protocol = "h2c";
  other.x.request.fields.remove("sec-websocket-key");
  EXPECT_EQ(other.fault(), "") << "an Upgrade that is ignored";
  EXPECT_EQ(websocket_key_of(other.x), "");
}

TEST(WebSocketHandshake, ALengthPromisesWhatNoTunnelKeeps) {
  Ask ask(http::Version::http2);
  ask.x.request.content_length = 5;
  EXPECT_EQ(ask.fault(), kBadHandshake.id);
}

TEST(WebSocketAccept, OnlyTheAnswerToTheKeyIsTaken) {
  const std::string accept = accept_for(kKey);
  struct {
    std::vector<http::Field> fields;
    std::string_view fault;
  } const cases[] = {
      {{{"upgrade", "WebSocket"}, {"connection", "keep-alive, Upgrade"}, {"sec-websocket-accept", accept}},
       ""},
      {{{"connection", "upgrade"}, {"sec-websocket-accept", accept}}, "upgrade"},
      {{{"upgrade", "h2c"}, {"connection", "upgrade"}, {"sec-websocket-accept", accept}}, "upgrade"},
      {{{"upgrade", "websocket"}, {"sec-websocket-accept", accept}}, "connection"},
      {{{"upgrade", "websocket"}, {"connection", "upgrade"}}, "sec-websocket-accept"},
      {{{"upgrade", "websocket"}, {"connection", "upgrade"}, {"sec-websocket-accept", kKey}},
       "sec-websocket-accept"},
      {{{"upgrade", "websocket"},
        {"connection", "upgrade"},
        {"sec-websocket-accept", accept},
        {"sec-websocket-accept", accept}},
       "sec-websocket-accept"},
  };
  for (const auto& each : cases) {
    http::Fields fields;
    for (const http::Field& f : each.fields) fields.add(f.name, f.value);
    const Result<> checked = check_accept(fields, kKey);
    EXPECT_EQ(checked ? "" : checked.error().pos().field, each.fault);
  }
}

TEST(WebSocketAccept, NoOtherSuccessPassesOverHttp2) {
  EXPECT_TRUE(may_decline(Ask().x, 200));
  EXPECT_TRUE(may_decline(Ask().x, 404));
  Ask stream(http::Version::http2);
  EXPECT_FALSE(may_decline(stream.x, 200));
  EXPECT_FALSE(may_decline(stream.x, 204));
  EXPECT_TRUE(may_decline(stream.x, 302));
  EXPECT_TRUE(may_decline(stream.x, 503));
}

}  // namespace
}  // namespace sally::handler
