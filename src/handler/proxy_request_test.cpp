#include "handler/proxy_request.h"

#include <gtest/gtest.h>

#include "proto/http1/request_writer.h"

namespace sally::handler {
namespace {

class ProxyRequestTest : public testing::Test {
 protected:
  ProxyRequestTest() {
    facts_.client_address = "192.0.2.7";
    x_.facts = &facts_;
    x_.request.method_text = "GET";
    x_.request.scheme = "https";
    x_.request.authority = "example.com";
    x_.request.path = "/a";
    x_.request_id = "id1";
  }
  std::string head(std::string_view websocket_key = {}) {
    std::string text;
    http1::RequestWriter writer(text);
    write_proxy_request(x_, config_, "127.0.0.1:3000", websocket_key, writer);
    writer.end();
    return text;
  }
  /// The lines between the host and what is added.
  std::string passed() {
    const std::string text = head();
    const std::size_t from = text.find("\r\n", text.find("host: ")) + 2;
    return text.substr(from, text.find("forwarded: for=") - from);
  }

  http::ConnectionFacts facts_;
  http::Exchange x_{1024};
  ProxyConfig config_;
};

TEST_F(ProxyRequestTest, SaysWhoAsksAndForWhat) {
  x_.request.query = "b=c";
  x_.request.has_query = true;
  x_.request.fields.add("accept", "*/*");
  EXPECT_EQ(head(),
            "GET /a?b=c HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\n"
            "forwarded: for=192.0.2.7;host=\"example.com\";proto=https\r\nx-forwarded-for: 192.0.2.7\r\n"
            "x-forwarded-proto: https\r\nx-forwarded-host: example.com\r\nx-real-ip: 192.0.2.7\r\n"
            "x-request-id: id1\r\n\r\n");
  facts_.client_address = "2001:db8::1";
  EXPECT_NE(head().find("forwarded: for=\"[2001:db8::1]\";"), std::string::npos);
  EXPECT_NE(head().find("x-forwarded-for: 2001:db8::1\r\n"), std::string::npos);
}

TEST_F(ProxyRequestTest, WhatMayBeACopyIsMarked) {  // RFC 8470 5.1
  EXPECT_EQ(passed(), "");
  x_.request.fields.add("early-data", "0, by a client who knows better");
  EXPECT_EQ(passed(), "early-data: 0, by a client who knows better\r\n");
  facts_.early = true;
  EXPECT_EQ(passed(), "early-data: 1\r\n");
}

TEST_F(ProxyRequestTest, AWebSocketIsAskedForInOneForm) {
  const std::string_view ours =
      "sec-websocket-version: 13\r\nsec-websocket-key: the key\r\n"
      "upgrade: websocket\r\nconnection: upgrade\r\n\r\n";
  x_.request.method_text = "CONNECT";
  x_.request.has_body = true;  // of a stream of HTTP/2
  for (const auto& [name, value] :
       {std::pair("connection", "upgrade, x-hop, sec-websocket-key"), std::pair("upgrade", "h2c"),
        std::pair("sec-websocket-key", "theirs"), std::pair("sec-websocket-version", "8"),
        std::pair("te", "trailers"), std::pair("x-hop", "1"), std::pair("origin", "https://example.com"),
        std::pair("sec-websocket-protocol", "chat, superchat"),
        std::pair("sec-websocket-extensions", "permessage-deflate")})
    x_.request.fields.add(name, value);
  const std::string text = head("the key");
  EXPECT_TRUE(text.starts_with("GET /a HTTP/1.1\r\n")) << text;
  EXPECT_TRUE(text.ends_with(ours)) << text;
  EXPECT_NE(text.find("\r\norigin: https://example.com\r\nsec-websocket-protocol: chat, superchat\r\n"
                      "sec-websocket-extensions: permessage-deflate\r\nforwarded: "),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("h2c"), std::string::npos);
  EXPECT_EQ(text.find("theirs"), std::string::npos);
  EXPECT_EQ(text.find("transfer-encoding"), std::string::npos);
  EXPECT_EQ(text.find("x-hop"), std::string::npos);
  EXPECT_EQ(text.find("\r\nte:"), std::string::npos);
}

TEST_F(ProxyRequestTest, BelievesNoClient) {
  for (const char* name :
       {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix",
        "x-real-ip", "x-request-id", "x_forwarded_for", "x-forwarded_for", "x_real_ip", "content_length",
        "transfer_encoding", "proxy", "my_field"})
    x_.request.fields.add(name, "evil");
  EXPECT_EQ(passed(), "");
  config_.underscores = true;
  EXPECT_EQ(passed(), "my_field: evil\r\n");
}

TEST_F(ProxyRequestTest, DropsWhatIsOfOneConnection) {
  for (const char* name : {"keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade",
                           "http2-settings", "proxy-authorization", "expect", "x-mine"})
    x_.request.fields.add(name, "a");
  x_.request.fields.add("connection", "close, X-Mine");
  x_.request.fields.add("cookie", "b=c");
  EXPECT_EQ(passed(), "cookie: b=c\r\n");
  x_.request.fields.set("te", "trailers");
  EXPECT_TRUE(head().ends_with("te: trailers\r\nconnection: te\r\n\r\n"));
}

TEST_F(ProxyRequestTest, FramesTheBody) {
  EXPECT_EQ(head().find("content-length"), std::string::npos);
  x_.request.method = http::Method::post;
  EXPECT_TRUE(head().ends_with("\r\ncontent-length: 0\r\n\r\n"));
  x_.request.has_body = true;
  EXPECT_TRUE(head().ends_with("\r\ntransfer-encoding: chunked\r\n\r\n"));
  x_.request.content_length = 12;
  x_.request.expects_continue = true;
  EXPECT_TRUE(head().ends_with("\r\ncontent-length: 12\r\nexpect: 100-continue\r\n\r\n"));
}

TEST_F(ProxyRequestTest, SendsTheHostThatIsWanted) {
  const auto host = [&](const char* wanted) {
    config_.host = wanted;
    const std::string text = head();
    const std::size_t from = text.find("host: ") + 6;
    return text.substr(from, text.find('\r', from) - from);
  };
  EXPECT_EQ(host("client"), "example.com");
  EXPECT_EQ(host("backend"), "127.0.0.1:3000");
  EXPECT_EQ(host("app.internal"), "app.internal");
  x_.request.authority = "";
  EXPECT_EQ(host("client"), "localhost");
}

}  // namespace
}  // namespace sally::handler
