#include "check/proxy.h"

#include <gtest/gtest.h>

#include "net/connect.h"

namespace sally::check {
namespace {

using namespace std::string_literals;

TEST(Proxy, Addresses) {
  const Proxy p = parse_proxy("http://user:p%40ss@proxy.example:8080/").value();
  EXPECT_EQ(p.kind, Proxy::Kind::http);
  EXPECT_EQ(p.host, "proxy.example");
  EXPECT_EQ(p.port, 8080);
  EXPECT_EQ(p.user, "user");
  EXPECT_EQ(p.password, "p@ss");
  EXPECT_EQ(p.text(), "http://proxy.example:8080");
  EXPECT_EQ(parse_proxy("socks5://[::1]")->text(), "socks5://[::1]:1080");
  EXPECT_EQ(parse_proxy("http://proxy")->port, 3128);
  for (const char* const text : {"proxy:3128", "https://proxy", "http://", "http://proxy:x", "http://proxy:0",
                                 "http://[::1", "http://a%zz@b", "http://a%4@b", "http://[::1]x"})
    EXPECT_FALSE(parse_proxy(text)) << text;
}

TEST(Proxy, AnErrorHoldsNoPassword) {
  const auto bad = parse_proxy("http://user:secret@proxy:x");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().text().find("secret"), std::string::npos);
}

/// Fed byte by byte until it sends, opens or fails.
Result<ProxyOpening::Step> feed(ProxyOpening& opening, std::string_view text) {
  Buffer in(65536);
  for (const char c : text) {
    EXPECT_TRUE(in.append(std::string_view(&c, 1)));
    auto step = opening.step(in);
    if (!step || step->open || !step->send.empty()) return step;
  }
  return ProxyOpening::Step{};
}

TEST(ProxyConnect, WithAndWithoutLogin) {
  const Proxy plain = parse_proxy("http://proxy").value();
  EXPECT_EQ(ProxyOpening(plain, "::1", 443).begin(), "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n");
  const Proxy known = parse_proxy("http://Aladdin:open%20sesame@proxy").value();
  ProxyOpening opening(known, "example.com", 443);
  EXPECT_NE(opening.begin().find("Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            std::string::npos)
      << "RFC 7617 2";
  const auto step = feed(opening, "HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n");
  ASSERT_TRUE(step);
  EXPECT_TRUE(step->open);
}

TEST(ProxyConnect, WhatGoesWrong) {
  const Proxy plain = parse_proxy("http://proxy").value();
  const auto told = [&](std::string_view answer) {
    ProxyOpening opening(plain, "example.com", 443);
    (void)opening.begin();
    const auto step = feed(opening, answer);
    return step ? step->open ? "open" : "more" : std::string(step.error().kind().id);
  };
  EXPECT_EQ(told("HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic\r\n\r\n"), "check.proxy_login");
  EXPECT_EQ(told("HTTP/1.1 403 No\r\n\r\n"), "check.proxy_refused");
  EXPECT_EQ(told("SSH-2.0-x\r\n"), "check.proxy_strange");
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\n"), "more");
}

TEST(ProxySocks, WithoutLogin) {
  const Proxy p = parse_proxy("socks5://proxy").value();
  ProxyOpening opening(p, "example.com", 443);
  EXPECT_EQ(opening.begin(), "\x05\x01\x00"s);
  EXPECT_EQ(feed(opening, "\x05\x00"s)->send,
            "\x05\x01\x00\x03\x0b"
            "example.com\x01\xbb"s);
  EXPECT_TRUE(feed(opening, "\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"s)->open);
}

TEST(ProxySocks, WithLoginAndNumericHosts) {
  const Proxy p = parse_proxy("socks5://user:word@proxy").value();
  ProxyOpening opening(p, "192.0.2.1", 80);
  EXPECT_EQ(opening.begin(), "\x05\x02\x00\x02"s);
  EXPECT_EQ(feed(opening, "\x05\x02"s)->send, "\x01\x04user\x04word"s);
  EXPECT_EQ(feed(opening, "\x01\x00"s)->send, "\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50"s);
  EXPECT_TRUE(feed(opening, "\x05\x00\x00\x03\x01x\x12\x34"s)->open);
}

TEST(ProxySocks, WhatGoesWrong) {
  const Proxy p = parse_proxy("socks5://user:word@proxy").value();
  const auto told = [&](std::string_view reply) {
    ProxyOpening opening(p, "192.0.2.1", 80);
    (void)opening.begin();
    (void)feed(opening, "\x05\x00"s);
    return std::string(feed(opening, reply).error().kind().id);
  };
  EXPECT_EQ(told("\x05\x05\x00\x01\x00"s), kConnectRefused.id);
  EXPECT_EQ(told("\x05\x04\x00\x01\x00"s), kUnreachable.id);
  EXPECT_EQ(told("\x05\x02\x00\x01\x00"s), kProxyRefused.id);
  EXPECT_EQ(told("\x04\x00\x00\x01\x00"s), kProxyStrange.id);
  ProxyOpening refused(p, "a", 80), wrong(p, "a", 80);
  (void)refused.begin();
  EXPECT_TRUE(feed(refused, "\x05\xff"s).error().is(kProxyLogin));
  (void)wrong.begin();
  (void)feed(wrong, "\x05\x02"s);
  EXPECT_TRUE(feed(wrong, "\x01\x01"s).error().is(kProxyLogin));
}

}  // namespace
}  // namespace sally::check
