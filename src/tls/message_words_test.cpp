#include "tls/message_words.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tls/hello_builder.h"

namespace sally::tls {
namespace {

std::vector<std::string> of(std::string_view message, std::uint16_t version = kTls13) {
  return message_words(as_bytes(message), version);
}

bool has(const std::vector<std::string>& lines, std::string_view line) {
  return std::ranges::find(lines, line) != lines.end();
}

std::string hello() {
  HelloOffer offer;
  offer.versions = {kTls13, kTls12};
  offer.suites = {0x1301, 0xc02f};
  offer.server_name = "example.com";
  offer.groups = {0x11ec, 0x001d};
  offer.signature_algorithms = {0x0403};
  offer.alpn = {"h2", "http/1.1"};
  offer.made_up_key_share = true;
  return build_hello(offer).substr(5);
}

TEST(MessageWords, ClientHello) {
  const auto lines = of(hello());
  EXPECT_TRUE(has(lines, "offers TLS 1.3, TLS 1.2"));
  EXPECT_TRUE(has(lines, "asks for example.com"));
  EXPECT_TRUE(has(lines, "wants to speak h2, http/1.1"));
  EXPECT_TRUE(has(lines, "knows the groups X25519MLKEM768, x25519"));
  EXPECT_TRUE(has(lines, "sends keys of x25519 (32 bytes), secp256r1 (65 bytes)"));
  EXPECT_TRUE(has(lines, "knows the suites TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
}

TEST(MessageWords, EveryPrefixIsReadAsFarAsItGoes) {
  const std::string whole = hello();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(has(of(whole.substr(0, size)), "breaks its grammar")) << size;
}

TEST(MessageWords, NamesFromTheWireAreMadePrintable) {
  HelloOffer offer;
  offer.suites = {0x1301};
  offer.server_name = "a\x1b[31mb";
  for (const std::string& line : of(build_hello(offer).substr(5)))
    EXPECT_FALSE(line.contains('\x1b')) << line;
}

TEST(MessageWords, TicketsOfBothVersions) {
  EXPECT_EQ(of(std::string_view("\x04\0\0\x06\0\0\x1c\x20\0\0", 10), kTls12),
            std::vector<std::string>{"gives a ticket for 7200 seconds"});
  const std::string_view early("\x04\0\0\x17\0\0\x1c\x20\0\0\0\1\1\0\0\1x\0\x08\0\x2a\0\4\0\0\x40\0", 27);
  EXPECT_EQ(of(early), (std::vector<std::string>{"gives a ticket for 7200 seconds",
                                                 "allows 16384 bytes of early data"}));
}

TEST(MessageWords, ServerHelloThatCouldDoMore) {
  std::string message("\x02\0\0\x28\3\3", 6);
  message += std::string(24, 'r') + std::string("DOWNGRD\1", 8) + std::string("\0\xc0\x2f\0\0\0", 6);
  message[3] = static_cast<char>(message.size() - 4);
  EXPECT_EQ(of(message, kTls12),
            (std::vector<std::string>{"picks TLS 1.2 and TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                      "says that it could speak a newer version"}));
}

}  // namespace
}  // namespace sally::tls
