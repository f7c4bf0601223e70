#include "check/answer_reader.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

/// Fed by `step` bytes; true: the reader said that all is there.
bool feed(AnswerReader& reader, std::string_view text, std::size_t step) {
  for (std::size_t at = 0; at < text.size(); at += step) {
    const auto done = reader.feed(as_bytes(text.substr(at, step)));
    EXPECT_TRUE(done);
    if (!done || *done) return true;
  }
  return false;
}

TEST(AnswerReader, ByLengthInPiecesOfAnySize) {
  for (std::size_t step = 1; step < 60; ++step) {
    AnswerReader reader(1000);
    EXPECT_TRUE(feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloREST", step));
    EXPECT_EQ(reader.content(), "hello");
    EXPECT_TRUE(reader.whole());
  }
}

TEST(AnswerReader, InChunks) {
  for (std::size_t step = 1; step < 60; ++step) {
    AnswerReader reader(1000);
    EXPECT_TRUE(feed(
        reader, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
        step));
    EXPECT_EQ(reader.content(), "hello");
    EXPECT_TRUE(reader.whole());
  }
}

TEST(AnswerReader, ToTheEndOfTheConnection) {
  AnswerReader reader(1000);
  EXPECT_FALSE(feed(reader, "HTTP/1.0 200 OK\r\n\r\nhello", 7));
  EXPECT_TRUE(reader.end());
  EXPECT_EQ(reader.content(), "hello");
  EXPECT_TRUE(reader.whole());
}

TEST(AnswerReader, WhatIsCutIsNotWhole) {
  AnswerReader reader(1000);
  EXPECT_FALSE(feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", 7));
  EXPECT_TRUE(reader.end());
  EXPECT_FALSE(reader.whole());
}

TEST(AnswerReader, TheLimitEndsIt) {
  AnswerReader reader(4);
  EXPECT_TRUE(feed(reader, "HTTP/1.1 200 OK\r\n\r\nhello and more", 9));
  EXPECT_EQ(reader.content(), "hell");
  EXPECT_FALSE(reader.whole());
}

TEST(AnswerReader, NoContentIsWaitedForWhereNoneCanBe) {
  AnswerReader reader(1000);
  EXPECT_TRUE(feed(reader, "HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n", 60));
  EXPECT_TRUE(reader.whole());
}

TEST(AnswerReader, NoAnswer) {
  AnswerReader reader(1000);
  const auto done = reader.end();
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().is(kNotHttp));
  AnswerReader other(1000);
  EXPECT_FALSE(other.feed(as_bytes(std::string_view("SSH-2.0-OpenSSH\r\n"))));
}

}  // namespace
}  // namespace sally::check
