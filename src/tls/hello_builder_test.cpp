#include "tls/hello_builder.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/reader.h"
#include "crypto/owned.h"
#include "tls/peek.h"
#include "tls/suite_names.h"

namespace sally::tls {
namespace {

HelloOffer browser() {
  HelloOffer o;
  o.versions = {kTls13, kTls12};
  o.suites = {0x1301, 0xc02f};
  o.server_name = "example.com";
  o.groups = {0x11ec, 0x001d};
  o.signature_algorithms = HelloOffer::every_signature_algorithm();
  o.alpn = {"h2", "http/1.1"};
  o.empty_key_share = o.session_ticket = o.extended_master_secret = o.renegotiation_info = o.status_request =
      true;
  return o;
}

TEST(HelloBuilder, OurOwnReaderUnderstandsIt) {
  const std::string hello = build_hello(browser());
  const auto peek = peek_hello(as_bytes(hello));
  ASSERT_TRUE(peek.has_value());
  ASSERT_TRUE(peek->has_value());
  EXPECT_EQ((*peek)->server_name, "example.com");
  EXPECT_EQ((*peek)->alpn, (std::vector<std::string>{"h2", "http/1.1"}));
}

TEST(HelloBuilder, LengthsNestExactly) {
  const std::string hello = build_hello(browser());
  Reader record(as_bytes(hello), 0);
  EXPECT_EQ(record.u8("type").value(), 22);
  EXPECT_EQ(record.u16("version").value(), 0x0301);
  Reader message(record.vec16("fragment").value(), 0);
  EXPECT_TRUE(record.done());
  EXPECT_EQ(message.u8("msg_type").value(), 1);
  Reader body(message.vec24("body").value(), 0);
  EXPECT_TRUE(message.done());
  EXPECT_EQ(body.u16("legacy_version").value(), kTls12);
  EXPECT_TRUE(body.take(32, "random").has_value());
  EXPECT_EQ(body.vec8("session_id").value().size(), 32u);
  EXPECT_EQ(body.vec16("suites").value().size(), 4u);
  EXPECT_EQ(body.vec8("compressions").value().size(), 1u);
  Reader extensions(body.vec16("extensions").value(), 0);
  EXPECT_TRUE(body.done());
  while (!extensions.done()) {
    ASSERT_TRUE(extensions.u16("type").has_value());
    ASSERT_TRUE(extensions.vec16("body").has_value());
  }
}

TEST(HelloBuilder, PaddingReachesTheWantedSize) {
  HelloOffer o = browser();
  o.pad_to = 1800;
  EXPECT_EQ(build_hello(o).size(), 1800u + 5);
}

TEST(HelloBuilder, Ssl3HasNoExtensionsAndNoSessionId) {
  HelloOffer o = browser();
  o.legacy_version = kSsl3;
  o.versions.clear();
  const std::string hello = build_hello(o);
  EXPECT_EQ(hello.substr(0, 3), std::string("\x16\x03\x00", 3));
  EXPECT_EQ(hello.size(), 5u + 4 + 2 + 32 + 1 + 2 + 4 + 1 + 1);
}

TEST(HelloBuilder, AllSuitesAtOnceStayOneRecord) {
  HelloOffer o = browser();
  for (const SuiteName& row : registered_suites()) o.suites.push_back(row.code);
  EXPECT_LT(build_hello(o).size(), 16384u);
}

TEST(HelloBuilder, RandomFieldsDiffer) { EXPECT_NE(build_hello(browser()), build_hello(browser())); }

/// The library's server is a judge that did not write the builder.
TEST(HelloBuilder, AServerAnswersWithHelloRetryRequestOrAlertAndNotDecodeError) {
  crypto::SslCtx rules(SSL_CTX_new(TLS_server_method()));
  crypto::Ssl ssl(SSL_new(rules.get()));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), in, out);
  SSL_set_accept_state(ssl.get());
  const std::string hello = build_hello(browser());
  BIO_write(in, hello.data(), static_cast<int>(hello.size()));
  SSL_do_handshake(ssl.get());
  const std::string why = crypto::drain_errors();
  // It has no certificate, so it gives up; but it has parsed everything before.
  EXPECT_FALSE(why.contains("DECODE") || why.contains("PARSE") || why.contains("LENGTH")) << why;
}

TEST(HelloBuilder, Ssl2HelloHasItsLengthInTheHeader) {
  const std::string hello = build_ssl2_hello();
  const auto first = static_cast<unsigned char>(hello[0]), second = static_cast<unsigned char>(hello[1]);
  EXPECT_EQ(first & 0x80, 0x80);
  EXPECT_EQ(((first & 0x7fu) << 8 | second) + 2u, hello.size());
}

TEST(HelloBuilder, VersionNames) {
  EXPECT_EQ(version_name(kTls13), "TLS 1.3");
  EXPECT_EQ(version_name(kSsl3), "SSL 3.0");
  EXPECT_EQ(version_name(0x7f1c), "0x7f1c");
}

}  // namespace
}  // namespace sally::tls
