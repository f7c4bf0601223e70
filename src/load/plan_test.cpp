#include "load/plan.h"

#include <gtest/gtest.h>

namespace sally::load {
namespace {

TEST(LoadUrl, IsReadInItsParts) {
  const auto url = parse_load_url("https://LocalHost:8443/a/b?c=d#e");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->secure);
  EXPECT_EQ(url->host, "localhost");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->authority, "localhost:8443");
  EXPECT_EQ(url->path, "/a/b?c=d");
  EXPECT_EQ(url->text(), "https://localhost:8443/a/b?c=d");
}

TEST(LoadUrl, HasDefaults) {
  struct Row {
    const char* text;
    bool secure;
    std::uint16_t port;
    const char *authority, *path;
  };
  for (const Row& row : {Row{"example.com", true, 443, "example.com", "/"},
                         {"http://example.com?x", false, 80, "example.com", "/?x"},
                         {"https://[::1]/", true, 443, "[::1]", "/"},
                         {"http://[::1]:81", false, 81, "[::1]:81", "/"}}) {
    const auto url = parse_load_url(row.text);
    ASSERT_TRUE(url) << row.text;
    EXPECT_EQ(url->secure, row.secure) << row.text;
    EXPECT_EQ(url->port, row.port) << row.text;
    EXPECT_EQ(url->authority, row.authority) << row.text;
    EXPECT_EQ(url->path, row.path) << row.text;
  }
}

TEST(LoadUrl, RefusesWhatIsNone) {
  for (const char* text :
       {"", "https://", "ftp://example.com/", "https://user@example.com/", "https://example.com/a b",
        "https://example.com:0/", "https://example.com:99999/"}) {
    const auto url = parse_load_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_TRUE(url.error().is(kBadUrl)) << text;
  }
  EXPECT_FALSE(parse_load_url("https://example.com/" + std::string(9000, 'a')));
}

TEST(Near, IsWhatTheInternetDoesNotRoute) {
  for (const char* near :
       {"127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.1.1",
        "100.64.0.1", "::1", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1"})
    EXPECT_TRUE(is_near(near)) << near;
  for (const char* far : {"8.8.8.8", "172.32.0.1", "172.15.0.1", "192.0.2.1", "203.0.113.1", "100.128.0.1",
                          "11.0.0.1", "2001:db8::1", "::ffff:8.8.8.8", "0.0.0.0", "", "localhost"})
    EXPECT_FALSE(is_near(far)) << far;
}

Plan some_plan() {
  Plan plan;
  plan.urls.push_back(*parse_load_url("https://localhost/"));
  return plan;
}

TEST(Plan, ATrickleIsAFewRequestsAndNoMore) {
  Plan plan = some_plan();
  EXPECT_FALSE(is_trickle(plan));
  plan.requests = 10;
  EXPECT_FALSE(is_trickle(plan));
  plan.connections = 2;
  EXPECT_TRUE(is_trickle(plan));
  plan.requests = 11;
  EXPECT_FALSE(is_trickle(plan));
  plan.requests = 1;
  plan.warm_up = std::chrono::seconds(1);
  EXPECT_FALSE(is_trickle(plan)) << "a warm-up is not counted, but it is sent";
}

TEST(Plan, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_TRUE(check_plan(some_plan()));
  const auto refused = [](auto change) {
    Plan plan = some_plan();
    change(plan);
    const auto checked = check_plan(plan);
    return !checked && checked.error().is(kBadPlan);
  };
  EXPECT_TRUE(refused([](Plan& p) { p.urls.clear(); }));
  EXPECT_TRUE(refused([](Plan& p) { p.threads = 11; }));
  EXPECT_TRUE(refused([](Plan& p) { p.threads = 0; }));
  EXPECT_TRUE(refused([](Plan& p) { p.method = "GE T"; }));
  EXPECT_TRUE(refused([](Plan& p) { p.method = ""; }));
  EXPECT_TRUE(refused([](Plan& p) { p.fields.emplace_back("X\r\nY", "z"); }));
  EXPECT_TRUE(refused([](Plan& p) { p.fields.emplace_back("x", "a\r\nb: c"); }));
  EXPECT_TRUE(refused([](Plan& p) { p.fields.emplace_back("Content-Length", "1"); }));
  EXPECT_TRUE(refused([](Plan& p) {
    p.handshakes = Handshakes::full;
    p.urls.push_back(*parse_load_url("http://localhost/"));
  }));
}

TEST(Plan, WhatIsHeldIsNotClosed) {
  Plan held = some_plan();
  held.hold = std::chrono::seconds(1);
  EXPECT_TRUE(check_plan(held));
  EXPECT_TRUE(held.connects_when_due());
  Plan plan = held;
  plan.requests_per_connection = 5;
  EXPECT_FALSE(check_plan(plan));
  plan = held;
  plan.handshakes = Handshakes::full;
  EXPECT_FALSE(check_plan(plan)) << "each connection makes one handshake and no more";
  plan.requests = plan.connections;
  EXPECT_TRUE(check_plan(plan));
  ++plan.requests;
  EXPECT_FALSE(check_plan(plan));
  plan = held;
  plan.handshakes = Handshakes::resumed;
  plan.requests = 1;
  EXPECT_FALSE(check_plan(plan));
}

TEST(Plan, HandshakesAreCountedOnlyWithoutRequests) {
  Plan plan = some_plan();
  EXPECT_FALSE(plan.counts_handshakes());
  plan.handshakes = Handshakes::resumed;
  EXPECT_TRUE(plan.counts_handshakes());
  plan.body = "x";
  EXPECT_FALSE(check_plan(plan));
  plan.requests_per_connection = 1;
  EXPECT_FALSE(plan.counts_handshakes()) << "they only begin the connections that the requests need";
  EXPECT_TRUE(check_plan(plan));
}

}  // namespace
}  // namespace sally::load
