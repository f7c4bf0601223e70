#include "handler/redirect.h"

#include <gtest/gtest.h>

#include "handler/respond.h"
#include "handler/test_site.h"

namespace sally::handler {
namespace {

/// "status location" of what the handler says.
std::string ask(http::Handler& handler, std::string_view target, std::string_view host = "example.com") {
  http::Exchange x(1024);
  TestSite::fill(x, "GET", target, {});
  x.request.host = host;
  EXPECT_TRUE(handler.answer_now(x));
  return std::to_string(x.response.status) + " " +
         std::string(x.response.fields.first("location").value_or(""));
}

TEST(Redirect, WithPathAndQuery) {
  Redirect to("https://www.example.com", 308, true);
  EXPECT_EQ(ask(to, "/a/b?c=d"), "308 https://www.example.com/a/b?c=d");
  EXPECT_EQ(ask(to, "/"), "308 https://www.example.com/");
  Redirect below("https://www.example.com/new/", 301, true);
  EXPECT_EQ(ask(below, "/a"), "301 https://www.example.com/new/a");
  Redirect fixed("/moved", 302, false);
  EXPECT_EQ(ask(fixed, "/a?b"), "302 /moved");
}

TEST(Redirect, NeverToAnotherHostByThePath) {
  Redirect own("/", 308, true);
  EXPECT_EQ(ask(own, "//evil.example/x"), "308 /evil.example/x");
}

TEST(HttpsRedirect, ToTheSameNameAndPath) {
  HttpsRedirect usual(443), other(8443);
  EXPECT_EQ(ask(usual, "/a?b"), "308 https://example.com/a?b");
  EXPECT_EQ(ask(other, "/"), "308 https://example.com:8443/");
  EXPECT_EQ(ask(other, "/", "2001:db8::1"), "308 https://[2001:db8::1]:8443/");
  EXPECT_EQ(ask(usual, "*"), "308 https://example.com/");
  EXPECT_EQ(ask(usual, "/", ""), "400 ");
}

TEST(Respond, TheSameEachTime) {
  Respond text("hello\n", 200, "text/plain; charset=utf-8"), nothing("ignored", 204, "text/plain");
  for (int i = 0; i < 2; ++i) {
    http::Exchange x(1024);
    EXPECT_TRUE(text.answer_now(x));
    EXPECT_EQ(as_text(x.response.body.view(100)->bytes), "hello\n");
    EXPECT_EQ(x.response.fields.first("content-type"), "text/plain; charset=utf-8");
  }
  http::Exchange x(1024);
  EXPECT_TRUE(nothing.answer_now(x));
  EXPECT_EQ(x.response.status, 204);
  EXPECT_TRUE(x.response.body.is_empty());
  EXPECT_TRUE(x.response.fields.empty());
}

}  // namespace
}  // namespace sally::handler
