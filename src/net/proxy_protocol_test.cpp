#include "net/proxy_protocol.h"

#include <gtest/gtest.h>

namespace sally {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string binary(std::string_view command_family, std::string_view body) {
  std::string out(kSignature);
  out += command_family;
  out += static_cast<char>(body.size() >> 8);
  out += static_cast<char>(body.size() & 0xff);
  return out += body;
}

std::string_view error_of(std::string_view text) {
  const auto read = read_proxy_header(as_bytes(text));
  return read ? "" : read.error().kind().id;
}

TEST(ProxyProtocol, LinesOfVersion1) {
  const std::string_view line = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\nGET /";
  const auto header = read_proxy_header(as_bytes(line)).value().value();
  EXPECT_EQ(header.client->text(), "192.0.2.7:56324");
  EXPECT_EQ(header.server->text(), "198.51.100.1:443");
  EXPECT_EQ(line.substr(header.size), "GET /");
  const auto six = read_proxy_header(as_bytes("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n")).value().value();
  EXPECT_EQ(six.client->text(), "[2001:db8::7]:1");
  for (const std::string_view unknown : {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ff:: ff:: 1 2\r\n"}) {
    const auto read = read_proxy_header(as_bytes(unknown)).value().value();
    EXPECT_FALSE(read.client);
    EXPECT_EQ(read.size, unknown.size());
  }
}

TEST(ProxyProtocol, HeadersOfVersion2) {
  const std::string four =
      binary("\x21\x11", std::string("\xc0\x00\x02\x07\x0a\x00\x00\x01\xdc\x04\x01\xbb", 12));
  const auto header = read_proxy_header(as_bytes(four)).value().value();
  EXPECT_EQ(header.client->text(), "192.0.2.7:56324");
  EXPECT_EQ(header.server->text(), "10.0.0.1:443");
  const auto with_more =
      read_proxy_header(
          as_bytes(binary("\x21\x11",
                          std::string("\xc0\x00\x02\x07\x0a\x00\x00\x01\xdc\x04\x01\xbb\x04\x00\x00", 15))))
          .value();
  EXPECT_EQ(with_more->client->text(), "192.0.2.7:56324");
  EXPECT_EQ(with_more->size, four.size() + 3);
  std::string hosts(32, '\0');
  hosts[15] = hosts[31] = 1;
  const auto six =
      read_proxy_header(as_bytes(binary("\x21\x21", hosts + "\x01\x02\x03\x04"))).value().value();
  EXPECT_EQ(six.client->text(), "[::1]:258");
  for (const std::string& silent :
       {binary(std::string("\x20\x00", 2), ""), binary("\x21\x31", std::string(216, 'x')),
        binary("\x21\x12", std::string(12, 'x'))}) {
    const auto read = read_proxy_header(as_bytes(silent)).value().value();
    EXPECT_FALSE(read.client);
    EXPECT_EQ(read.size, silent.size());
  }
}

TEST(ProxyProtocol, EveryPrefixAsksForMore) {
  for (const std::string& whole : {std::string("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"),
                                   binary("\x21\x11", std::string(12, '\1'))})
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const auto read = read_proxy_header(as_bytes(std::string_view(whole).substr(0, n)));
      ASSERT_TRUE(read) << n;
      EXPECT_FALSE(*read) << n;
    }
}

TEST(ProxyProtocol, WhatIsNoHeaderIsRefused) {
  for (const std::string_view wrong :
       {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", "PROXY TCP4 1.2.3.4 ::1 1 2\r\n", "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
        "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 a b 1 2\r\n"})
    EXPECT_EQ(error_of(wrong), "net.bad_proxy_header") << wrong;
  EXPECT_EQ(error_of("PROXY UNKNOWN " + std::string(93, 'x')), "net.bad_proxy_header");
  EXPECT_EQ(error_of(binary("\x11\x11", std::string(12, 'x'))), "net.bad_proxy_header");
  EXPECT_EQ(error_of(binary("\x21\x11", std::string(11, 'x'))), "net.bad_proxy_header");
  EXPECT_EQ(error_of(binary("\x21\x11", std::string(4081, 'x'))), "net.bad_proxy_header");
  EXPECT_EQ(error_of(std::string_view("\r\n\r\n\0\r\nQUIX", 11)), "net.bad_proxy_header");
}

TEST(ProxyProtocol, WhatIsWrittenIsReadAgain) {
  const auto at = [](std::string_view host, std::uint16_t port) {
    return SocketAddress::numeric(host, port).value();
  };
  for (const ProxyVersion version : {ProxyVersion::v1, ProxyVersion::v2}) {
    for (const auto& [client, server] : {std::pair{at("192.0.2.7", 50000), at("127.0.0.1", 443)},
                                         std::pair{at("2001:db8::7", 1), at("::1", 65535)}}) {
      const std::string written = write_proxy_header(version, client, server);
      const auto read = read_proxy_header(as_bytes(written)).value().value();
      EXPECT_EQ(read.client->text(), client.text());
      EXPECT_EQ(read.server->text(), server.text());
      EXPECT_EQ(read.size, written.size());
    }
    const std::string mixed = write_proxy_header(version, at("192.0.2.7", 1), at("::1", 2));
    EXPECT_FALSE(read_proxy_header(as_bytes(mixed)).value().value().client);
  }
  EXPECT_EQ(write_proxy_header(ProxyVersion::v1, at("192.0.2.7", 50000), at("127.0.0.1", 443)),
            "PROXY TCP4 192.0.2.7 127.0.0.1 50000 443\r\n");
}

}  // namespace
}  // namespace sally
