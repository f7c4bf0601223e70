#include "check/http_answer.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

TEST(HttpAnswer, AtEveryCut) {
  const std::string text =
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nServer: a\r\nX-Long: one\r\n "
      "two\r\nset-cookie: a=1\r\nSet-Cookie: b=2\n\r\nbody";
  const std::size_t end = text.size() - 4;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto got = read_http_head(std::string_view(text).substr(0, cut));
    ASSERT_TRUE(got.has_value()) << cut;
    EXPECT_EQ(got->has_value(), cut >= end) << cut;
  }
  const HttpAnswer a = read_http_head(text)->value();
  EXPECT_EQ(a.status, 200u);
  EXPECT_EQ(*a.field("server"), "a");
  EXPECT_EQ(*a.field("x-long"), "one two");
  EXPECT_EQ(a.all("set-cookie"), (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(a.field("link"), nullptr);
}

std::string id_of(std::string_view text, HttpHeadLimits limits = {}) {
  const auto got = read_http_head(text, limits);
  return got ? (*got ? "answer" : "more") : std::string(got.error().kind().id);
}

TEST(HttpAnswer, WhatIsNoHttp) {
  EXPECT_EQ(id_of("SSH-2.0-x\r\n"), "check.not_http");
  EXPECT_EQ(id_of("HTTP/1.1 20 OK\r\n\r\n"), "check.not_http");
  EXPECT_EQ(id_of("HTTP/1.1 +20 OK\r\n\r\n"), "check.not_http");
  EXPECT_EQ(id_of("HTTP/1.1 2000 OK\r\n\r\n"), "check.not_http");
  EXPECT_EQ(id_of("HTT"), "more");
}

TEST(HttpAnswer, LimitsEndIt) {
  EXPECT_EQ(id_of("HTTP/1.1 200 OK\r\nA: " + std::string(5000, 'x'), {.bytes = 4096, .fields = 4}),
            "check.http_head_too_long");
  EXPECT_EQ(id_of("HTTP/1.1 200 OK\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n", {.bytes = 4096, .fields = 2}),
            "check.http_head_too_long");
  std::string endless;
  for (int i = 0; i < 1000; ++i) endless += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(id_of(endless, {.bytes = 4096, .fields = 4}), "check.http_head_too_long");
}

TEST(HttpAnswer, ControlBytesDoNotReachAReport) {
  const auto got = read_http_head("HTTP/1.1 200 OK\r\nServer: a\x1b[31mred\r\n\r\n");
  EXPECT_EQ(*(*got)->field("server"), "a?[31mred");
}

}  // namespace
}  // namespace sally::check
