#include "proto/http3/server_codec.h"

#include <gtest/gtest.h>

#include "proto/http3/test_client.h"

namespace sally::http3 {
namespace {

void hello(http::Exchange& x) { x.respond_text(200, "text/plain", "hello " + std::string(x.request.path)); }

Task<Result<Unit>> read_and_echo(http::Exchange& x) {
  std::string all;
  for (;;) {
    CO_TRY(const Bytes more, co_await x.request_body.more());
    if (more.empty()) break;
    all += as_text(more);
    x.request_body.consume(more.size());
  }
  x.response.trailers.add("x-length", x.arena.copy(std::to_string(all.size())));
  x.respond_text(200, "text/plain", all);
  co_return Unit{};
}
void echo(http::Exchange& x) {
  x.handling = Running<Result<Unit>>(read_and_echo(x));
  x.handling.start();
}

TEST(Http3Codec, AnswersARequest) {
  TestConnection c(hello);
  const auto id = c.client.ask(get("/a?b"));
  c.run();
  const Got& got = c.client.got[id];
  EXPECT_EQ(got.body, "hello /a");
  EXPECT_TRUE(got.ended);
  EXPECT_EQ(got.field(":status"), "200");
  EXPECT_EQ(got.field("content-length"), "8");
  EXPECT_EQ(got.field("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(got.field("server"), "sallyport");
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "");
  EXPECT_EQ(c.log[0].sent_body_bytes, 8u);
  EXPECT_EQ(c.codec.waiting(), CodecWait::idle);
  EXPECT_EQ(c.pool().open(), 0u);
  EXPECT_EQ(c.client.fault, 0);
}

TEST(Http3Codec, AnswersManyAtOnceAndManyMore) {
  TestConnection c(hello);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 100; ++i) ids.push_back(c.client.ask(get("/" + std::to_string(i))));
    c.run();
    for (int i = 0; i < 100; ++i)
      EXPECT_EQ(c.client.got[ids[static_cast<std::size_t>(i)]].body, "hello /" + std::to_string(i));
  }
  EXPECT_EQ(c.log.size(), 300u);
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http3Codec, EchoesABodyAndSendsTrailers) {
  TestConnection c(echo);
  const std::string body(700'000, 'b');  // more than any window
  const auto id = c.client.ask(post({{"content-length", std::to_string(body.size())}}), body);
  c.run();
  EXPECT_TRUE(c.client.got[id].body == body) << c.client.got[id].body.size();
  EXPECT_EQ(c.client.got[id].trailers, (std::vector<Header>{{"x-length", "700000"}}));
  EXPECT_EQ(c.log.at(0).failure, "");
}

TEST(Http3Codec, LargeAnswersOverLossyNetworksWithLittleMemory) {
  http::HttpLimits limits;
  limits.output_buffer_bytes = 64 * 1024;
  const std::string body(500'000, 'x');
  TestConnection c([&](http::Exchange& x) { x.respond_text(200, "text/plain", body); }, limits);
  c.link.lose = [](std::size_t n) { return n % 11 == 5; };
  const auto id = c.client.ask(get());
  c.run();
  EXPECT_TRUE(c.client.got[id].body == body) << c.client.got[id].body.size();
}

TEST(Http3Codec, FaultsOfARequestAreAnswered) {
  struct Case {
    std::vector<Header> request;
    const char *status, *failure;
  };
  http::HttpLimits limits;
  limits.header_bytes = 2048;
  const Case cases[] = {
      {get("/", {{"x-large", std::string(3000, 'a')}}), "431", "http2.head_too_large"},
      {get("/\x01"), "400", "http2.bad_path"},
      {get("/", {{"expect", "something"}}), "417", "http2.unknown_expectation"},
  };
  for (const Case& one : cases) {
    TestConnection c(hello, limits);
    const auto id = c.client.ask(one.request);
    c.run();
    if (c.client.got[id].fields.empty()) continue;  // reset as malformed, which is as good
    EXPECT_EQ(c.client.got[id].field(":status"), one.status);
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_EQ(c.log[0].failure, one.failure);
  }
}

TEST(Http3Codec, MalformedRequestsAreResetAndTheConnectionLives) {
  TestConnection c(hello);
  const auto bad = c.client.ask(get("/", {{"Connection", "close"}}));
  const auto good = c.client.ask(get("/good"));
  c.run();
  EXPECT_TRUE(c.client.got[bad].fields.empty());
  EXPECT_EQ(c.client.got[good].body, "hello /good");
  EXPECT_TRUE(c.link.server->open());
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http3Codec, ABombOfFieldsClosesTheConnection) {
  http::HttpLimits limits;
  limits.header_bytes = 2048;
  TestConnection c(hello, limits);
  c.client.ask(get("/", {{"x-large", std::string(20'000, 'a')}}));
  c.run();
  EXPECT_FALSE(c.link.server->open());
  EXPECT_EQ(ngtcp2_conn_get_ccerr(c.link.client.conn)->error_code,
            static_cast<std::uint64_t>(NGHTTP3_H3_EXCESSIVE_LOAD));
  ASSERT_NE(c.codec.broken(), nullptr);
  EXPECT_TRUE(c.codec.broken()->is(kHeaderBomb));
}

TEST(Http3Codec, FloodsOfResetsCloseTheConnection) {
  http::HttpLimits limits;
  limits.h2.resets = {10, 1};
  TestConnection c([](http::Exchange&) {}, limits);
  for (int i = 0; i < 60 && c.link.server->open(); ++i) {
    const auto id = c.client.ask(get());
    c.link.run(&c.client);
    if (id >= 0) ngtcp2_conn_shutdown_stream(c.link.client.conn, 0, id, NGHTTP3_H3_REQUEST_CANCELLED);
    c.link.run(&c.client);
  }
  EXPECT_FALSE(c.link.server->open());
  EXPECT_TRUE(c.codec.broken() != nullptr && c.codec.broken()->is(kTooManyResets));
}

TEST(Http3Codec, ARequestThatIsGivenUpEnds) {
  TestConnection c([](http::Exchange&) {});
  const auto id = c.client.ask(get("/slow"));
  c.run();
  EXPECT_EQ(c.codec.waiting(), CodecWait::response);
  ngtcp2_conn_shutdown_stream(c.link.client.conn, 0, id, NGHTTP3_H3_REQUEST_CANCELLED);
  c.run();
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "http3.reset_by_client");
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http3Codec, WhatNobodyReadOfUploadsDoesNotNarrowTheConnection) {
  TestConnection c([](http::Exchange& x) {
    if (x.request.path == "/echo") echo(x);
  });
  for (int i = 0; i < 8; ++i) {
    const auto id = c.client.ask(post(), std::string(200'000, 'u'), true);
    c.run();
    ngtcp2_conn_shutdown_stream(c.link.client.conn, 0, id, NGHTTP3_H3_REQUEST_CANCELLED);
    c.run();
  }
  ASSERT_EQ(c.log.size(), 8u);
  auto last = post();
  last[3].second = "/echo";
  const auto id = c.client.ask(last, std::string(700'000, 'b'));
  c.run();
  EXPECT_EQ(c.client.got[id].body.size(), 700'000u);
}

TEST(Http3Codec, ContentOfAnotherLengthEndsItsRequestOnly) {
  for (const std::size_t promised : {3u, 5u, 100'000u}) {
    TestConnection c(echo);
    const auto bad = c.client.ask(post({{"content-length", std::to_string(promised)}}), "four");
    const auto good = c.client.ask(post(), "content");
    c.run();
    EXPECT_FALSE(c.client.got[bad].ended) << promised;
    EXPECT_EQ(c.client.codes[bad], static_cast<std::uint64_t>(NGHTTP3_H3_MESSAGE_ERROR)) << promised;
    EXPECT_EQ(c.client.got[good].body, "content") << promised;
    EXPECT_TRUE(c.link.server->open());
    EXPECT_EQ(c.pool().open(), 0u);
  }
}

TEST(Http3Codec, DrainsInTwoSteps) {
  http::Exchange* open = nullptr;
  TestConnection c([&](http::Exchange& x) { open = &x; });
  const auto id = c.client.ask(get("/slow"));
  c.run();
  c.codec.drain();
  c.run();
  EXPECT_GE(c.client.goaway, 0);
  c.codec.drain();
  c.run();
  EXPECT_FALSE(c.codec.finished());
  open->respond_text(200, "text/plain", "done");
  c.run();
  EXPECT_EQ(c.client.got[id].body, "done");
  EXPECT_TRUE(c.codec.finished());
}

TEST(Http3Codec, FailingTellsTheLogOfWhatIsOpen) {
  TestConnection c([](http::Exchange&) {});
  c.client.ask(get("/one"));
  c.client.ask(get("/two"));
  c.run();
  c.codec.fail_with(Error(kClosed, WirePos{}, {}, std::source_location::current()));
  ASSERT_EQ(c.log.size(), 2u);
  EXPECT_EQ(c.log[0].failure, "http3.closed");
  EXPECT_EQ(c.pool().open(), 0u);
  c.link.server->close(NGHTTP3_H3_NO_ERROR, {});
  c.run();
  EXPECT_TRUE(c.codec.finished());
}

}  // namespace
}  // namespace sally::http3
