#include "proto/http2/request_head.h"

#include <gtest/gtest.h>

#include "proto/http2/test_client.h"

namespace sally::http2 {
namespace {

Headers without(std::string_view name) {
  Headers all = get();
  std::erase_if(all, [&](const Header& h) { return h.name == name; });
  return all;
}
Headers with(std::string_view name, std::string value) {
  Headers all = get();
  for (Header& h : all)
    if (h.name == name) h.value = std::move(value);
  return all;
}
Headers in_front(Header h) {
  Headers all = get();
  all.insert(all.begin(), std::move(h));
  return all;
}

struct Malformed {
  const char* what;
  Headers head;
};
const Malformed kMalformed[] = {
    {"connection", get("/", {{"connection", "close"}})},
    {"keep-alive", get("/", {{"keep-alive", "1"}})},
    {"proxy-connection", get("/", {{"proxy-connection", "close"}})},
    {"transfer-encoding", get("/", {{"transfer-encoding", "chunked"}})},
    {"upgrade", get("/", {{"upgrade", "h2c"}})},
    {"te other than trailers", get("/", {{"te", "gzip"}})},
    {"upper case in a name", get("/", {{"X-Upper", "1"}})},
    {"space in a name", get("/", {{"x y", "1"}})},
    {"colon in a name", get("/", {{"x:y", "1"}})},
    {"empty name", get("/", {{"", "1"}})},
    {"NUL in a value", get("/", {{"x", std::string("a\0b", 3)}})},
    {"CR in a value", get("/", {{"x", "a\rb"}})},
    {"LF in a value", get("/", {{"x", "a\nb"}})},
    {"space before a value", get("/", {{"x", " a"}})},
    {"tab after a value", get("/", {{"x", "a\t"}})},
    {"unknown pseudo-field", in_front({":version", "HTTP/2"})},
    {"response's pseudo-field", in_front({":status", "200"})},
    {"two methods", in_front({":method", "GET"})},
    {"two paths", in_front({":path", "/"})},
    {"two schemes", in_front({":scheme", "https"})},
    {"two authorities", in_front({":authority", "example.com"})},
    {"pseudo-field after a field", get("/", {{"x", "1"}, {":authority", "example.com"}})},
    {"no method", without(":method")},
    {"no scheme", without(":scheme")},
    {"no path", without(":path")},
    {"no authority and no host", without(":authority")},
    {"empty path", with(":path", "")},
    {"path without a slash", with(":path", "a")},
    {"asterisk with GET", with(":path", "*")},
    {"CONNECT with a path", with(":method", "CONNECT")},
    {":protocol without having been offered", in_front({":protocol", "websocket"})},
    {"two lengths", get("/", {{"content-length", "0"}, {"content-length", "0"}})},
    {"length that is no number", get("/", {{"content-length", "-1"}})},
    {"length without content", get("/", {{"content-length", "5"}})},
};

class MalformedRequest : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Http2, MalformedRequest, testing::Range<std::size_t>(0, std::size(kMalformed)));

TEST_P(MalformedRequest, IsResetAndTheConnectionLives) {
  const Malformed& m = kMalformed[GetParam()];
  TestConnection c(hello);
  c.hello();
  c.request(1, m.head);
  EXPECT_EQ(c.got.streams[1].reset, NGHTTP2_PROTOCOL_ERROR) << m.what;
  EXPECT_TRUE(c.got.streams[1].head.empty()) << m.what;
  ASSERT_EQ(c.log.size(), 1u) << m.what;
  EXPECT_EQ(c.log[0].failure, "http2.stream_error") << m.what;
  EXPECT_TRUE(c.got.goaways.empty()) << m.what;
  c.request(3, get("/after"));
  EXPECT_EQ(c.got.streams[3].body, "hello /after") << m.what;
  EXPECT_EQ(c.pool().open(), 0u);
}

struct Refused {
  const char* what;
  Headers head;
  const char* status;
  std::string_view failure;
};
const Refused kRefused[] = {
    {"broken escape", with(":path", "/%zz"), "400", "http2.bad_path"},
    {"fragment", with(":path", "/#a"), "400", "http2.bad_path"},
    {"octet past ASCII", with(":path", "/\xc3\xa9"), "400", "http2.bad_path"},
    {"long path", with(":path", "/" + std::string(9000, 'a')), "414", "http2.path_too_long"},
    {"http on a secure connection", with(":scheme", "http"), "421", "http2.wrong_scheme"},
    {"user information", with(":authority", "a@example.com"), "400", "http2.bad_authority"},
    {"port past the last", with(":authority", "example.com:65536"), "400", "http2.bad_authority"},
    {"empty label", with(":authority", "a..b"), "400", "http2.bad_authority"},
    {"host that differs", get("/", {{"host", "other.example"}}), "400", "http2.host_differs"},
    {"other expectation", get("/", {{"expect", "200-ok"}}), "417", "http2.unknown_expectation"},
};

class RefusedRequest : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Http2, RefusedRequest, testing::Range<std::size_t>(0, std::size(kRefused)));

TEST_P(RefusedRequest, IsAnsweredWithoutAHandler) {
  const Refused& r = kRefused[GetParam()];
  TestConnection c([&](http::Exchange&) { ADD_FAILURE() << r.what; });
  c.hello();
  c.request(1, r.head);
  // What nghttp2 knows to be malformed it resets before it comes to us: as good.
  if (!c.got.streams[1].reset) {
    EXPECT_EQ(c.got.streams[1].field(":status"), r.status) << r.what;
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_EQ(c.log[0].failure, r.failure) << r.what;
  }
  EXPECT_TRUE(c.got.goaways.empty());
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http2Head, JoinsCookiesAndKeepsTheRest) {
  std::string cookie, other;
  std::size_t count = 0;
  TestConnection c([&](http::Exchange& x) {
    count = x.request.fields.count("cookie");
    cookie = x.request.fields.first("cookie").value_or("");
    other = x.request.fields.first("x").value_or("");
    x.respond_text(200, "text/plain", "");
  });
  c.hello();
  c.request(1, get("/", {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}, {"cookie", "c=3"}}));
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(cookie, "a=1; b=2; c=3");
  EXPECT_EQ(other, "y");
}

TEST(Http2Head, TakesAuthorityFromHostAndIgnoresItsCase) {
  TestConnection c(hello);
  c.hello();
  Headers host = without(":authority");
  host.push_back({"host", "Example.COM:8443"});
  c.request(1, host);
  c.request(3, get("/", {{"host", "EXAMPLE.com"}}));
  ASSERT_EQ(c.log.size(), 2u);
  for (const Finished& f : c.log) {
    EXPECT_EQ(f.host, "example.com");
    EXPECT_EQ(f.status, 200);
  }
}

TEST(Http2Head, OptionsAsteriskAndTeTrailers) {
  TestConnection c(hello);
  c.hello();
  Headers options = get("*", {{"te", "trailers"}});
  options[0].value = "OPTIONS";
  c.request(1, options);
  EXPECT_EQ(c.got.streams[1].body, "hello *");
}

TEST(Http2Head, ConnectReachesTheHandler) {
  TestConnection c([](http::Exchange& x) {
    EXPECT_EQ(x.request.method, http::Method::connect);
    EXPECT_EQ(x.request.path, "");
    x.respond_text(501, "text/plain", "no");
  });
  c.hello();
  c.request(1, {{":method", "CONNECT"}, {":authority", "example.com:443"}}, false);
  EXPECT_EQ(c.got.streams[1].field(":status"), "501");
}

TEST(Http2Head, TooLargeIsAnsweredTooManyAsWell) {
  TestConnection c(wait);
  c.hello();
  c.request(1, get("/", {{"x", std::string(9'000, 'a')}, {"y", std::string(9'000, 'b')}}));
  Headers many = get();
  for (int i = 0; i < 101; ++i) many.push_back({"a", ""});
  c.request(3, many);
  EXPECT_EQ(c.got.streams[1].field(":status"), "431");
  EXPECT_EQ(c.got.streams[3].field(":status"), "431");
  ASSERT_EQ(c.log.size(), 2u);
  EXPECT_EQ(c.log[0].failure, "http2.head_too_large");
  EXPECT_EQ(c.log[1].failure, "http2.too_many_fields");
  EXPECT_TRUE(c.got.goaways.empty());
}

TEST(Http2Head, ABombEndsTheConnection) {
  TestConnection c(wait);
  c.hello();
  // One large field in the table, then many references of one octet to it.
  std::string block = c.packer().pack(get("/", {{"x", std::string(3000, 'a')}}));
  block += std::string(100, '\xbe');
  c.feed(frame(NGHTTP2_HEADERS, 5, 1, block));
  EXPECT_EQ(c.error, "http2.header_bomb");
  ASSERT_EQ(c.got.goaways.size(), 1u);
  EXPECT_EQ(c.got.goaways[0].second, NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_TRUE(c.codec().finished());
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http2Trailers, AreBoundedAndMayNotReframe) {
  for (const Headers& trailers :
       {Headers{{"x", std::string(9000, 'a')}}, Headers{{"host", "a"}}, Headers(40, {"a", "b"})}) {
    TestConnection c(echo);
    c.hello();
    c.request(1, post(), false);
    c.feed(frame(NGHTTP2_HEADERS, 0x5, 1, c.packer().pack(trailers)));
    EXPECT_TRUE(c.got.streams[1].reset.has_value());
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_TRUE(c.log[0].failure.starts_with("http2.")) << c.log[0].failure;
    EXPECT_EQ(c.pool().open(), 0u);
  }
  TestConnection c(echo);
  c.hello();
  c.request(1, post(), false);
  c.feed(frame(NGHTTP2_HEADERS, 0x5, 1, c.packer().pack({{"authorization", "a"}, {"b", "c"}})));
  EXPECT_EQ(c.got.streams[1].body, "|b=c");
}

}  // namespace
}  // namespace sally::http2
