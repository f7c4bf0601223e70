#include "tls/peek.h"

#include <gtest/gtest.h>

#include "crypto/owned.h"

namespace sally::tls {
namespace {

/// A real client's hello, as the library writes it.
std::string hello(const char* name, std::string_view alpn, bool tls12 = false) {
  const crypto::SslCtx context(SSL_CTX_new(TLS_method()));
  if (tls12) SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  const crypto::Ssl ssl(SSL_new(context.get()));
  if (name) SSL_set_tlsext_host_name(ssl.get(), name);
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const std::uint8_t*>(alpn.data()), alpn.size());
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), in, out);
  SSL_set_connect_state(ssl.get());
  SSL_do_handshake(ssl.get());
  ERR_clear_error();
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  BIO_mem_contents(out, &bytes, &size);
  return {reinterpret_cast<const char*>(bytes), size};
}

/// The same message cut into records of `piece` bytes.
std::string in_records(const std::string& whole, std::size_t piece) {
  const std::string message = whole.substr(5);
  std::string out;
  for (std::size_t at = 0; at < message.size(); at += piece) {
    const std::string part = message.substr(at, piece);
    out += {'\x16', '\x03', '\x01', static_cast<char>(part.size() >> 8), static_cast<char>(part.size())};
    out += part;
  }
  return out;
}

TEST(Peek, ReadsNameAndProtocolsOfRealHellos) {
  for (const bool tls12 : {false, true}) {
    const auto peek = peek_hello(as_bytes(hello("WWW.Example.com", "\x02h2\x08http/1.1", tls12)));
    ASSERT_TRUE(peek && *peek);
    EXPECT_EQ((*peek)->server_name, "www.example.com");
    EXPECT_EQ((*peek)->alpn, (std::vector<std::string>{"h2", "http/1.1"}));
    EXPECT_FALSE((*peek)->has_ech);
  }
  const auto unnamed = peek_hello(as_bytes(hello(nullptr, "")));
  ASSERT_TRUE(unnamed && *unnamed);
  EXPECT_EQ((*unnamed)->server_name, "");
}

TEST(Peek, SameAnswerHoweverTheHelloIsCut) {
  const std::string whole = hello("a.example", "\x02h2");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{4}, std::size_t{100}, whole.size()}) {
    const std::string records = in_records(whole, piece);
    const auto peek = peek_hello(as_bytes(records));
    ASSERT_TRUE(peek && *peek) << piece;
    EXPECT_EQ((*peek)->server_name, "a.example");
  }
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const auto peek = peek_hello(as_bytes(std::string_view(whole).substr(0, cut)));
    ASSERT_TRUE(peek) << cut << ": " << peek.error().text();
    EXPECT_FALSE(*peek) << cut;
  }
}

TEST(Peek, RefusesWhatIsNoHello) {
  const std::string whole = hello("a.example", "");
  const auto with = [&](std::size_t at, char c) {
    std::string changed = whole;
    changed[at] = c;
    return changed;
  };
  struct Case {
    std::string in;
    std::string_view error;
  };
  const Case cases[] = {
      {"GET / HTTP/1.1\r\n", "tls.not_tls"},
      {with(1, 2), "tls.not_tls"},
      {with(5, 2), "tls.bad_hello"},                              // a ServerHello
      {std::string("\x16\x03\x01\x00\x00", 5), "tls.bad_hello"},  // an empty fragment
      {with(43, '\xff'), "base.truncated"},                       // a session id longer than the message
      {hello("under score!", ""), "tls.bad_hello"},
      {in_records(std::string(5, 0) + std::string("\x01\x00\xff\xff", 4) + std::string(300, 'x'), 16000),
       "tls.hello_too_long"},
  };
  for (const Case& c : cases) {
    const auto peek = peek_hello(as_bytes(c.in));
    ASSERT_FALSE(peek) << c.error;
    EXPECT_EQ(peek.error().kind().id, c.error);
  }
  const auto limited = peek_hello(as_bytes(whole), 64);
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().kind().id, "tls.hello_too_long");
}

}  // namespace
}  // namespace sally::tls
