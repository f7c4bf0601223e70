#include "tls/client_session.h"

#include <gtest/gtest.h>

#include <array>

#include "crypto/issue.h"

namespace sally::tls {
namespace {

using namespace std::chrono_literals;

/// A server of the TLS library, over memory.
class Peer {
 public:
  Peer() : rules_(SSL_CTX_new(TLS_server_method())) {
    auto key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
    crypto::CertificateDraft draft;
    draft.common_name = "example.com";
    draft.names = {"example.com"};
    draft.not_before = WallClock::now() - 1h;
    draft.not_after = WallClock::now() + 24h;
    leaf = crypto::issue(draft, key, {nullptr, key}).value().der();
    SSL_CTX_use_certificate_ASN1(rules_.get(), leaf.size(),
                                 reinterpret_cast<const std::uint8_t*>(leaf.data()));
    SSL_CTX_use_PrivateKey(rules_.get(), key.handle());
  }
  SSL_CTX* rules() { return rules_.get(); }
  void accept() {
    ssl.reset(SSL_new(rules_.get()));
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl.get());
  }
  /// Moves bytes until nothing moves; the client's error id, or "done".
  std::string shake(ClientSession& client) {
    for (int i = 0; i < 10; ++i) {
      const auto done = client.handshake();
      exchange(client);
      if (!done) return std::string(done.error().kind().id);
      if (*done) return "done";
    }
    return "stuck";
  }
  void exchange(ClientSession& client) {
    const std::string up = client.take_output();
    BIO_write(SSL_get_rbio(ssl.get()), up.data(), static_cast<int>(up.size()));
    std::array<char, 256> room;
    const int n = SSL_read(ssl.get(), room.data(), room.size());
    if (n > 0) heard.append(room.data(), static_cast<std::size_t>(n));
    ERR_clear_error();
    const std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    BIO_mem_contents(SSL_get_wbio(ssl.get()), &bytes, &size);
    client.feed(as_bytes(std::span(bytes, size)));
    BIO_reset(SSL_get_wbio(ssl.get()));
  }
  crypto::Ssl ssl;
  std::string leaf, heard;

 private:
  crypto::SslCtx rules_;
};

TEST(ClientSession, ShakesHandsAndTellsWhatWasAgreed) {
  Peer peer;
  peer.accept();
  auto client = ClientSession::make({.server_name = "example.com", .alpn = {"http/1.1"}}).value();
  ASSERT_EQ(peer.shake(client), "done");
  EXPECT_EQ(client.version(), 0x0304);
  EXPECT_EQ(client.suite() >> 8, 0x13);
  EXPECT_NE(client.group(), 0);
  EXPECT_EQ(client.certificates(), std::vector<std::string>{peer.leaf});
  EXPECT_EQ(client.alpn(), "") << "the server knows no ALPN";
  EXPECT_FALSE(client.resumed());
  EXPECT_FALSE(client.asked_for_certificate());

  ASSERT_TRUE(client.write(as_bytes("ping")).has_value());
  peer.exchange(client);
  EXPECT_EQ(peer.heard, "ping");
  SSL_write(peer.ssl.get(), "pong", 4);
  peer.exchange(client);
  std::array<std::byte, 16> room;
  const auto got = client.read(room);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(as_text(Bytes(room).first(got->size)), "pong");
}

TEST(ClientSession, ResumesWithTheSessionOfAnother) {
  Peer peer;
  peer.accept();
  auto first = ClientSession::make({.server_name = "example.com"}).value();
  ASSERT_EQ(peer.shake(first), "done");
  SSL_write(peer.ssl.get(), "x", 1);  // this library keeps its tickets back until it has something to say
  peer.exchange(first);
  std::array<std::byte, 16> room;
  ASSERT_TRUE(first.read(room).has_value());
  ASSERT_NE(first.session(), nullptr);

  peer.accept();
  auto second = ClientSession::make({.server_name = "example.com", .resume = first.session()}).value();
  ASSERT_EQ(peer.shake(second), "done");
  EXPECT_TRUE(second.resumed());
}

TEST(ClientSession, NoCommonVersionIsAnErrorWithAReason) {
  Peer peer;
  SSL_CTX_set_min_proto_version(peer.rules(), TLS1_3_VERSION);
  peer.accept();
  auto client = ClientSession::make({.highest = 0x0303, .server_name = "example.com"}).value();
  EXPECT_EQ(peer.shake(client), "tls.client_handshake_failed");
}

TEST(ClientSession, HearsThatACertificateIsWanted) {
  Peer peer;
  SSL_CTX_set_verify(peer.rules(), SSL_VERIFY_PEER, nullptr);
  peer.accept();
  auto client = ClientSession::make({.server_name = "example.com"}).value();
  ASSERT_EQ(peer.shake(client), "done");
  EXPECT_TRUE(client.asked_for_certificate());
}

}  // namespace
}  // namespace sally::tls
