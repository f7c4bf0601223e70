// Another protocol after a granted Upgrade (RFC 9110 7.8).
#include <gtest/gtest.h>

#include "proto/http1/test_connection.h"

namespace sally::http1 {
namespace {

constexpr std::string_view kUpgrade =
    "GET /chat HTTP/1.1\r\n" HOST "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
const std::string kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nx: y\r\nupgrade: websocket\r\nconnection: upgrade\r\n" +
    std::string(kStamp) + "\r\n";

/// What the client says is kept; the test says what goes back.
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
    script = answer_with_script(x, "", std::nullopt);
    script->ends = false;
    x.response.fields.add("x", "y");
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

TEST(Http1Tunnel, BytesGoBothWaysUntilTheHandlerEnds) {
  for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, SIZE_MAX}) {
    Tunnel t;
    TestConnection c([&](http::Exchange& x) { t.grant(x); });
    c.feed(std::string(kUpgrade) + "early", cut);
    EXPECT_EQ(c.out, kSwitch);
    EXPECT_EQ(t.heard, "early");
    EXPECT_EQ(c.codec().waiting(), CodecWait::tunnel);
    t.say(c, "hello");
    c.feed("GET / HTTP/1.1\r\n\r\n\n", cut);
    EXPECT_EQ(t.heard, "earlyGET / HTTP/1.1\r\n\r\n\n") << "no request is seen any more";
    EXPECT_FALSE(c.codec().finished());
    t.say(c, " and goodbye", true);
    EXPECT_EQ(c.out, kSwitch + "hello and goodbye");
    EXPECT_TRUE(c.codec().finished());
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_EQ(c.log[0].status, 101);
    EXPECT_EQ(c.log[0].failure, "");
    EXPECT_EQ(c.log[0].sent_body_bytes, 17u);
  }
}

TEST(Http1Tunnel, TheClientMayEndItsSideAlone) {
  Tunnel t;
  TestConnection c([&](http::Exchange& x) { t.grant(x); });
  c.feed(std::string(kUpgrade) + "bye");
  c.codec().end_of_input();
  EXPECT_TRUE(t.client_ended);
  EXPECT_FALSE(c.codec().finished());
  t.say(c, "the rest", true);
  EXPECT_TRUE(c.out.ends_with("the rest"));
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Tunnel, AFullPipeHoldsTheClientBack) {
  Script* script = nullptr;
  http::Exchange* open = nullptr;
  TestConnection c(
      [&](http::Exchange& x) {
        open = &x;
        script = answer_with_script(x, "", std::nullopt);
        script->ends = false;
        x.respond_tunnel();
      },
      {}, 1000);
  c.feed(kUpgrade);
  c.feed(std::string(5000, 'x'));
  EXPECT_EQ(c.left().size(), 4000u);
  for (int i = 0; i < 4; ++i) {
    open->request_body.consume(1000);
    c.turn();
  }
  EXPECT_EQ(c.left().size(), 0u);
  EXPECT_EQ(open->request_body.received_bytes(), 5000u);
}

TEST(Http1Tunnel, ABrokenOneIsCut) {
  Tunnel t;
  TestConnection c([&](http::Exchange& x) { t.grant(x); });
  c.feed(kUpgrade);
  c.open->abort(Error(kBodyCutShort, {}, {}, std::source_location::current()));
  c.turn();
  EXPECT_EQ(c.error, kBodyCutShort.id);
  EXPECT_FALSE(c.codec().finished());
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, kBodyCutShort.id);
}

TEST(Http1Tunnel, WhatCannotBeGrantedAsksForNothing) {
  struct {
    std::string_view request, protocol;
  } const cases[] = {
      {kUpgrade, "websocket"},
      {"GET / HTTP/1.1\r\n" HOST "Connection: UPGRADE\r\nUpgrade: h2c\r\n\r\n", "h2c"},
      {"GET / HTTP/1.1\r\n" HOST "Upgrade: websocket\r\n\r\n", ""},
      {"GET / HTTP/1.1\r\n" HOST "Connection: keep-alive\r\nUpgrade: websocket\r\n\r\n", ""},
      {"GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\n\r\n", ""},
      {"GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade:\r\n\r\n", ""},
      {"GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: a, b\r\n\r\n", ""},
      {"GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n\r\n", ""},
      {"POST / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n",
       ""},
      {"GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx",
       ""},
      {"GET / HTTP/1.0\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", ""},
  };
  for (const auto& each : cases) {
    std::string protocol = "none";
    TestConnection c([&](http::Exchange& x) {
      protocol = x.request.protocol;
      say_path(x);
    });
    c.feed(each.request);
    EXPECT_EQ(protocol, each.protocol) << each.request;
    EXPECT_TRUE(c.out.starts_with("HTTP/1.1 200 OK\r\n")) << "it may be ignored";
  }
}

}  // namespace
}  // namespace sally::http1
