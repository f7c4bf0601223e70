#include "tls/server_flight.h"

#include <gtest/gtest.h>

#include "crypto/issue.h"
#include "crypto/owned.h"
#include "tls/hello_builder.h"

namespace sally::tls {
namespace {

using namespace std::chrono_literals;

/// What a real server of the TLS library answers to a hello.
class Answering {
 public:
  explicit Answering(std::uint16_t highest) : rules_(SSL_CTX_new(TLS_server_method())) {
    auto key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
    crypto::CertificateDraft draft;
    draft.common_name = "example.com";
    draft.names = {"example.com"};
    draft.not_before = WallClock::now() - 1h;
    draft.not_after = WallClock::now() + 24h;
    leaf_ = crypto::issue(draft, key, {nullptr, key}).value().der();
    SSL_CTX_use_certificate_ASN1(rules_.get(), leaf_.size(),
                                 reinterpret_cast<const std::uint8_t*>(leaf_.data()));
    SSL_CTX_use_PrivateKey(rules_.get(), key.handle());
    SSL_CTX_set_max_proto_version(rules_.get(), highest);
  }
  std::string to(const std::string& hello) {
    crypto::Ssl ssl(SSL_new(rules_.get()));
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl.get());
    BIO_write(SSL_get_rbio(ssl.get()), hello.data(), static_cast<int>(hello.size()));
    SSL_do_handshake(ssl.get());
    ERR_clear_error();
    const std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    BIO_mem_contents(SSL_get_wbio(ssl.get()), &bytes, &size);
    return std::string(reinterpret_cast<const char*>(bytes), size);
  }
  const std::string& leaf() const { return leaf_; }

 private:
  crypto::SslCtx rules_;
  std::string leaf_;
};

HelloOffer offer_of(std::vector<std::uint16_t> versions) {
  HelloOffer o;
  o.versions = std::move(versions);
  o.suites = {0x1301, 0xc02b, 0xc02f};
  o.groups = {0x0017, 0x001d};
  o.signature_algorithms = HelloOffer::every_signature_algorithm();
  o.extended_master_secret = o.renegotiation_info = true;
  o.empty_key_share = !o.versions.empty();
  return o;
}

/// One byte at a time, which must tell the same as all at once.
ServerFlight read(const std::string& bytes, FlightReader::Until until, bool& done) {
  FlightReader whole(until), cut(until);
  done = whole.feed(as_bytes(bytes)).value();
  bool cut_done = false;
  for (const char& c : bytes)
    if ((cut_done = cut.feed(as_bytes(std::string_view(&c, 1))).value())) break;
  EXPECT_EQ(done, cut_done);
  EXPECT_EQ(whole.flight().certificates, cut.flight().certificates);
  EXPECT_EQ(whole.flight().hello.has_value(), cut.flight().hello.has_value());
  return whole.take();
}

TEST(FlightReader, HelloRetryRequestNamesVersionSuiteAndGroup) {
  Answering server(kTls13);
  bool done = false;
  const ServerFlight f =
      read(server.to(build_hello(offer_of({kTls13}))), FlightReader::Until::hello_done, done);
  ASSERT_TRUE(done);
  ASSERT_TRUE(f.hello.has_value());
  EXPECT_TRUE(f.hello->retry_request);
  EXPECT_EQ(f.hello->version, kTls13);
  EXPECT_EQ(f.hello->suite, 0x1301);
  EXPECT_TRUE(f.hello->group() == 0x0017 || f.hello->group() == 0x001d);
  EXPECT_EQ(f.hello->downgrade_mark(), 0);
}

TEST(FlightReader, Tls12FlightToItsEnd) {
  Answering server(kTls13);
  bool done = false;
  const ServerFlight f = read(server.to(build_hello(offer_of({}))), FlightReader::Until::hello_done, done);
  ASSERT_TRUE(done);
  ASSERT_TRUE(f.hello.has_value());
  EXPECT_EQ(f.hello->version, kTls12);
  EXPECT_EQ(f.hello->suite, 0xc02b);
  EXPECT_TRUE(f.hello_done);
  EXPECT_EQ(f.certificates, std::vector<std::string>{server.leaf()});
  ASSERT_TRUE(f.key_exchange.has_value());
  EXPECT_TRUE(f.key_exchange->group == 0x0017 || f.key_exchange->group == 0x001d);
  EXPECT_NE(f.key_exchange->signature_algorithm, 0);
  EXPECT_NE(f.hello->extension(23), nullptr);      // extended_master_secret
  EXPECT_NE(f.hello->extension(0xff01), nullptr);  // renegotiation_info
  EXPECT_EQ(f.hello->downgrade_mark(), kTls13) << "the server speaks 1.3 and was asked for 1.2";
}

TEST(FlightReader, NoDowngradeMarkFromAServerOf12) {
  Answering server(kTls12);
  bool done = false;
  const ServerFlight f = read(server.to(build_hello(offer_of({}))), FlightReader::Until::hello, done);
  ASSERT_TRUE(done && f.hello);
  EXPECT_EQ(f.hello->downgrade_mark(), 0);
}

TEST(FlightReader, AlertIsTold) {
  Answering server(kTls13);
  HelloOffer o = offer_of({});
  o.suites = {0x0005};  // RC4
  bool done = false;
  const ServerFlight f = read(server.to(build_hello(o)), FlightReader::Until::hello, done);
  ASSERT_TRUE(done && f.alert);
  EXPECT_EQ(alert_name(f.alert->description), "handshake_failure");
}

TEST(FlightReader, StrangersAreNamed) {
  struct Case {
    std::string bytes;
    Stranger who;
    std::string banner;
  };
  const Case cases[] = {
      {"HTTP/1.1 400 Bad Request\r\nServer: x\r\n", Stranger::http, "HTTP/1.1 400 Bad Request"},
      {"SSH-2.0-OpenSSH_9.2p1\r\n", Stranger::ssh, "SSH-2.0-OpenSSH_9.2p1"},
      {"220 mail.example.com ESMTP\r\n", Stranger::smtp_or_ftp, "220 mail.example.com ESMTP"},
      {"* OK IMAP4rev1\r\n", Stranger::imap, "* OK IMAP4rev1"},
      {"+OK ready\r\n", Stranger::pop3, "+OK ready"},
      {"hello, who are you\r\n", Stranger::text, "hello, who are you"},
      {std::string("\x4a\x00\x00\x00\x0a", 5) + "8.0.36", Stranger::mysql, ""},
      {std::string("\x00\x0e\x40\x01\x02\x03", 6), Stranger::unknown, ""},
  };
  for (const Case& c : cases) {
    FlightReader reader(FlightReader::Until::hello);
    EXPECT_TRUE(reader.feed(as_bytes(c.bytes)).value());
    EXPECT_EQ(reader.flight().stranger, c.who) << c.bytes;
    EXPECT_EQ(reader.flight().banner, c.banner);
  }
}

TEST(FlightReader, AShortGreetingIsNamedAtTheEnd) {
  FlightReader reader(FlightReader::Until::hello);
  EXPECT_FALSE(reader.feed(as_bytes("+OK")).value());
  reader.end();
  EXPECT_EQ(reader.flight().stranger, Stranger::pop3);
}

TEST(FlightReader, Ssl2Hello) {
  // SERVER-HELLO: no session, X.509, version 2, no certificate, two kinds, connection id of 1 byte.
  const std::string body("\x04\x00\x01\x00\x02\x00\x00\x00\x06\x00\x01\x01\x00\x80\x07\x00\xc0\x55", 18);
  bool done = false;
  const ServerFlight f = read(std::string("\x80\x12", 2) + body, FlightReader::Until::hello, done);
  ASSERT_TRUE(done && f.hello);
  EXPECT_EQ(f.hello->version, 2);
  EXPECT_EQ(f.hello->ssl2_kinds, (std::vector<std::uint32_t>{0x010080, 0x0700c0}));
}

std::string id_of(const std::string& bytes, FlightLimits limits = {}) {
  FlightReader reader(FlightReader::Until::hello_done, limits);
  const auto done = reader.feed(as_bytes(bytes));
  return done ? (*done ? "done" : "more") : std::string(done.error().kind().id);
}

TEST(FlightReader, BrokenAnswersEndWithAPlace) {
  EXPECT_EQ(id_of(std::string("\x16\x03\x03\xff\xff", 5)), "tls.bad_server_flight");
  EXPECT_EQ(id_of(std::string("\x15\x03\x03\x00\x01\x02", 6)), "tls.bad_server_flight");
  EXPECT_EQ(id_of(std::string("\x16\x03\x03\x00\x04\x0b\x00\x00\x00", 9)),
            "tls.bad_server_flight");  // Certificate first
  EXPECT_EQ(id_of(std::string("\x16\x03\x03\x00\x06\x02\x00\x00\x02\x03\x03", 11)), "base.truncated");
  EXPECT_EQ(id_of(std::string("\x16\x03\x03\x00\x04\x02\xff\xff\xff", 9)), "tls.server_flight_too_long");
  EXPECT_EQ(id_of(std::string(600, '\x16'), {.bytes = 500, .certificates = 1}), "tls.server_flight_too_long");
}

TEST(AlertName, OfAnUnknownNumber) { EXPECT_EQ(alert_name(99), "alert 99"); }

}  // namespace
}  // namespace sally::tls
