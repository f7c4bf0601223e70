#include <gtest/gtest.h>

#include "proto/http3/test_client.h"

namespace sally::http3 {
namespace {

/// A client that comes back, and notes in which state of the connection its requests are answered.
class Http3EarlyData : public testing::Test {
 protected:
  Http3EarlyData() {
    TestConnection first([](http::Exchange& x) { x.respond_text(200, "text/plain", "first"); });
    first.client.ask(get());
    first.run();
    kept = first.link.client.remember();
    again.emplace([this](http::Exchange& x) { answer(x); }, http::HttpLimits{},
                  quic::Wish{.remembered = &kept});
  }
  void answer(http::Exchange& x) {
    begun.push_back(std::string(x.request.path) + (x.facts->early ? " early" : " late"));
    x.respond_text(200, "text/plain", "yes");
  }

  quic::Remembered kept;
  std::vector<std::string> begun;
  std::optional<TestConnection> again;
};

TEST_F(Http3EarlyData, HarmlessRequestsAreBegunAtOnce) {
  for (const char* method : {"GET", "HEAD", "OPTIONS"}) {
    auto fields = get(std::string("/") + method);
    fields[0].second = method;
    again->client.ask(fields);
  }
  again->send_first();
  EXPECT_EQ(begun, (std::vector<std::string>{"/GET early", "/HEAD early", "/OPTIONS early"}));
  EXPECT_FALSE(again->link.server->handshake_done());
  again->run();
  EXPECT_EQ(begun.size(), 3u);
  EXPECT_EQ(again->client.got[0].body, "yes");
  again->client.ask(get("/later"));
  again->run();
  EXPECT_EQ(begun.back(), "/later late");
  EXPECT_EQ(again->client.fault, 0);
}

TEST_F(Http3EarlyData, OthersWaitForTheHandshake) {
  auto change = post({{"content-length", "4"}}), content = get("/content", {{"content-length", "4"}}),
       erase = get("/erase"), expects = get("/expects", {{"expect", "100-continue"}}), trace = get("/trace");
  change[3].second = "/change";
  erase[0].second = "DELETE";
  trace[0].second = "TRACE";
  again->client.ask(change, "body");
  again->client.ask(content, "body");
  again->client.ask(erase);
  again->client.ask(expects, "body");
  again->client.ask(trace);
  again->client.ask({{":method", "CONNECT"},
                     {":protocol", "websocket"},
                     {":scheme", "https"},
                     {":authority", "example.com"},
                     {":path", "/tunnel"}},
                    {}, true);
  again->client.ask(get("/harmless"));
  again->send_first();
  EXPECT_EQ(begun, std::vector<std::string>{"/harmless early"});
  again->run();
  EXPECT_EQ(begun, (std::vector<std::string>{"/harmless early", "/change late", "/content late",
                                             "/erase late", "/expects late", "/trace late", "/tunnel late"}));
  EXPECT_EQ(again->client.got[0].body, "yes");
  EXPECT_EQ(again->client.fault, 0);
}

TEST_F(Http3EarlyData, WhatIsGivenUpMeanwhileIsNotBegun) {
  const auto id = again->client.ask(post(), "body", true);
  again->send_first();
  EXPECT_EQ(again->codec.open_requests(), 1u);
  ASSERT_EQ(ngtcp2_conn_shutdown_stream(again->link.client.conn, 0, id, NGHTTP3_H3_REQUEST_CANCELLED), 0);
  again->link.client.produce(again->link.now);  // a reset in early data; the datagrams before it are lost
  again->run();
  EXPECT_EQ(again->pool().open(), 0u);
}

TEST_F(Http3EarlyData, NothingIsLeftOverOfAConnectionThatEndsEarly) {
  again->client.ask(post(), "body", true);
  again->client.ask(get("/harmless"));
  again->send_first();
  EXPECT_EQ(again->codec.open_requests(), 2u);
  again->codec.fail_with(Error(kClosed, WirePos{}, {}, std::source_location::current()));
  EXPECT_EQ(again->log.size(), 2u);
  EXPECT_EQ(again->codec.end_early(), std::nullopt);
  EXPECT_EQ(begun, std::vector<std::string>{"/harmless early"});
}

}  // namespace
}  // namespace sally::http3
