// How connections end: drain, timers, a client that goes, an answer that breaks.
#include <gtest/gtest.h>

#include "proto/http1/test_connection.h"

namespace sally::http1 {
namespace {

TEST(Http1Codec, DrainEndsAnIdleConnectionAtOnce) {
  TestConnection c(say_path);
  c.feed(kGet);
  c.codec().drain();
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, DrainLetsWhatHasBegunEnd) {
  TestConnection half(say_path);
  half.feed(kGet.substr(0, 10));
  half.codec().drain();
  EXPECT_FALSE(half.codec().finished());
  half.feed(kGet.substr(10));
  EXPECT_EQ(half.out, said("/a", "connection: close\r\n"));
  EXPECT_TRUE(half.codec().finished());

  TestConnection open([](http::Exchange&) {});
  open.feed(kGet);
  open.codec().drain();
  EXPECT_FALSE(open.codec().finished());
  say_path(*open.open);
  open.turn();
  EXPECT_EQ(open.out, said("/a", "connection: close\r\n"));
  EXPECT_TRUE(open.codec().finished());
}

TEST(Http1Codec, AnswersAClientThatHasClosedItsSide) {
  TestConnection c([](http::Exchange&) {});
  c.feed(kGet);
  c.codec().end_of_input();
  EXPECT_FALSE(c.codec().finished());
  say_path(*c.open);
  c.turn();
  EXPECT_EQ(c.out, said("/a", "connection: close\r\n"));
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, EndOfInputEndsAnIdleConnectionAndAHalfHead) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{9}}) {
    TestConnection c(say_path);
    c.feed(kGet.substr(0, size));
    c.codec().end_of_input();
    EXPECT_TRUE(c.codec().finished());
    EXPECT_EQ(c.out, "");
  }
}

constexpr ErrorKind kTimer{"test.timer", Blame::peer, Retry::never, "too slow", "hurry", "", -1, 408};

Error timer() { return Error(kTimer, {}, "", std::source_location::current()); }

TEST(Http1Codec, ATimerInAHeadIsAnswered) {
  TestConnection c(say_path);
  c.feed(kGet.substr(0, 9));
  EXPECT_EQ(c.codec().waiting(), CodecWait::head);
  c.codec().fail_with(timer());
  EXPECT_TRUE(c.sendable);
  c.turn();
  EXPECT_TRUE(c.out.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_TRUE(c.out.ends_with("connection: close\r\n\r\n408 Request Timeout: too slow\n"));
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "test.timer");
  EXPECT_EQ(c.log[0].status, 408);
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, ATimerOnAnIdleConnectionSaysNothing) {
  TestConnection c(say_path);
  c.feed(kGet);
  c.out.clear();
  c.codec().fail_with(timer());
  c.turn();
  EXPECT_EQ(c.out, "");
  EXPECT_EQ(c.log.size(), 1u);
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, ATimerOnABodyIsAnsweredAndCancelsTheHandler) {
  TestConnection c(echo);
  c.feed("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabc");
  c.codec().fail_with(timer());
  c.turn();
  EXPECT_TRUE(c.out.starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(c.pool().open(), 0u);
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, TellsThatTheClientMustRead) {
  TestConnection c([](http::Exchange& x) { x.respond_text(200, "text/plain", std::string(1000, 'x')); });
  c.room_each = 0;
  c.feed(kGet);
  EXPECT_EQ(c.codec().waiting(), CodecWait::send);
  c.room_each = 300;
  c.turn();
  EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
  EXPECT_TRUE(c.out.ends_with(std::string(1000, 'x')));
}

TEST(Http1Codec, ATimerOnAnAnswerCutsIt) {
  TestConnection c([](http::Exchange& x) {
    answer_with_script(x, "part", 100)->ends = false;
    x.respond();
  });
  c.feed(kGet);
  c.codec().fail_with(timer());
  c.turn();
  EXPECT_EQ(c.error, "test.timer");
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "test.timer");
  EXPECT_TRUE(c.out.ends_with("\r\n\r\npart"));
}

TEST(Http1Codec, GivesAnOpenExchangeBackWhenItGoes) {
  TestConnection c(echo);
  c.feed("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabc");
  EXPECT_EQ(c.pool().open(), 1u);
  c.end();
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http1Codec, TakesAndForgetsWhatComesAfterTheEnd) {
  TestConnection c(say_path);
  c.feed("GET /a HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
  EXPECT_TRUE(c.codec().finished());
  const auto used = c.codec().receive(as_bytes(kGet));
  ASSERT_TRUE(used);
  EXPECT_EQ(*used, kGet.size());
  EXPECT_EQ(c.log.size(), 1u);
}

}  // namespace
}  // namespace sally::http1
