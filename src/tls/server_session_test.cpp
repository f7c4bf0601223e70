#include "tls/server_session.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>

#include "crypto/issue.h"

namespace sally::tls {
namespace {

using namespace std::chrono_literals;
using crypto::NewKey;

crypto::CertificateChain chain_for(const std::string& name, NewKey kind) {
  auto key = crypto::PrivateKey::generate(kind).value();
  crypto::CertificateDraft draft;
  draft.common_name = name;
  draft.names = {name};
  draft.not_before = WallClock::now() - 1h;
  draft.not_after = WallClock::now() + 24h;
  auto leaf = crypto::issue(draft, key, {nullptr, key}).value();
  return {std::move(leaf), {}, std::move(key), {}};
}

/// A server and a client that talk through memory.
class Pair {
 public:
  explicit Pair(std::shared_ptr<const ServerIdentity> identity, SSL_CTX* client = nullptr)
      : own_client_(client ? nullptr : SSL_CTX_new(TLS_method())),
        client_context_(client ? client : own_client_.get()) {
    io.out = &out;
    server.emplace(ServerSession::make(std::move(identity), io).value());
    SSL_CTX_set_session_cache_mode(client_context_, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_new_cb(client_context_, [](SSL* ssl, SSL_SESSION* fresh) {
      static_cast<Pair*>(SSL_get_app_data(ssl))->session.reset(fresh);
      return 1;
    });
    client_.reset(SSL_new(client_context_));
    SSL_set_app_data(client_.get(), this);
    SSL_set_bio(client_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(client_.get());
  }
  SSL* client() { return client_.get(); }

  /// The server's error id, or "done".
  std::string handshake() {
    for (int i = 0; i < 10; ++i) {
      SSL_do_handshake(client_.get());
      ERR_clear_error();
      to_server_ += from_client();
      io.in = as_bytes(to_server_);
      const auto done = server->handshake();
      to_server_.erase(0, to_server_.size() - io.in.size());
      to_client();
      if (!done) return std::string(done.error().kind().id);
      if (*done) {
        SSL_do_handshake(client_.get());
        std::array<char, 1> none;
        SSL_read(client_.get(), none.data(), 0);
        to_server_ += from_client();
        read_tickets();
        return "done";
      }
    }
    return "stuck";
  }
  std::string from_client() {
    const std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    BIO* const bio = SSL_get_wbio(client_.get());
    BIO_mem_contents(bio, &bytes, &size);
    std::string text(reinterpret_cast<const char*>(bytes), size);
    BIO_reset(bio);
    return text;
  }
  void to_client() {
    const std::string_view text = as_text(out.filled());
    BIO_write(SSL_get_rbio(client_.get()), text.data(), static_cast<int>(text.size()));
    out.clear();
  }
  /// The library sends tickets with the first bytes of the application.
  void read_tickets() {
    EXPECT_TRUE(server->write(as_bytes(std::string_view("first"))));
    to_client();
    std::array<char, 16> room;
    SSL_read(client_.get(), room.data(), static_cast<int>(room.size()));
    ERR_clear_error();
  }

  CoreIo io;
  OutBuffer out{65536, 65536};
  std::optional<ServerSession> server;
  crypto::SslSession session;

 private:
  crypto::SslCtx own_client_;
  SSL_CTX* client_context_;
  crypto::Ssl client_;
  std::string to_server_;
};

struct Site {
  explicit Site(std::string name, TlsConfig tls = {},
                std::shared_ptr<const TicketKeys> keys = std::make_shared<TicketKeys>(4))
      : ecdsa(chain_for(name, NewKey::p256)),
        rsa(chain_for(name, NewKey::rsa2048)),
        config(tls),
        tickets(std::move(keys)) {
    const std::array chains = {static_cast<const crypto::CertificateChain*>(&ecdsa),
                               static_cast<const crypto::CertificateChain*>(&rsa)};
    identity = ServerIdentity::make({config, chains, std::move(name), tickets, true}).value();
  }
  crypto::CertificateChain ecdsa, rsa;
  TlsConfig config;
  std::shared_ptr<const TicketKeys> tickets;
  std::shared_ptr<const ServerIdentity> identity;
};

TEST(ServerSession, PrefersPostQuantumAndSaysWhatWasChosen) {
  Site site("a.example");
  Pair pair(site.identity);
  ASSERT_TRUE(SSL_set1_groups_list(pair.client(), "X25519:X25519MLKEM768"));
  SSL_set_alpn_protos(pair.client(), reinterpret_cast<const std::uint8_t*>("\x08http/1.1\x02h2"), 12);
  ASSERT_EQ(pair.handshake(), "done");
  EXPECT_EQ(pair.server->version(), "TLSv1.3");
  EXPECT_EQ(pair.server->group(), "X25519MLKEM768");
  EXPECT_EQ(pair.server->alpn(), "h2");
  EXPECT_FALSE(pair.server->resumed());
}

TEST(ServerSession, ShowsTheCertificateThatTheClientCanCheck) {
  Site site("a.example");
  for (const auto& [algorithms, kind] :
       {std::pair{"ecdsa_secp256r1_sha256", EVP_PKEY_EC}, {"rsa_pss_rsae_sha256", EVP_PKEY_RSA}}) {
    Pair pair(site.identity);
    ASSERT_TRUE(SSL_set1_sigalgs_list(pair.client(), algorithms));
    ASSERT_EQ(pair.handshake(), "done");
    const crypto::X509Ptr shown(SSL_get_peer_certificate(pair.client()));
    EXPECT_EQ(EVP_PKEY_id(X509_get0_pubkey(shown.get())), kind);
  }
}

TEST(ServerSession, RefusesOldVersionsOldSuitesAndStrangeProtocols) {
  Site site("a.example");
  {
    Pair pair(site.identity);
    SSL_set_max_proto_version(pair.client(), TLS1_1_VERSION);
    SSL_set_min_proto_version(pair.client(), TLS1_VERSION);
    EXPECT_EQ(pair.handshake(), "tls.handshake_failed");
  }
  {
    Pair pair(site.identity);
    SSL_set_max_proto_version(pair.client(), TLS1_2_VERSION);
    ASSERT_TRUE(SSL_set_cipher_list(pair.client(), "AES128-SHA:ECDHE-RSA-AES128-SHA"));
    EXPECT_EQ(pair.handshake(), "tls.handshake_failed");
  }
  {
    Pair pair(site.identity);
    SSL_set_alpn_protos(pair.client(), reinterpret_cast<const std::uint8_t*>("\x03imp"), 4);
    EXPECT_EQ(pair.handshake(), "tls.handshake_failed");
  }
}

TEST(ServerSession, TicketsResumeAtTheirOwnSiteOnly) {
  auto keys = std::make_shared<TicketKeys>(2);
  Site a("a.example", {}, keys), b("b.example", {}, keys);
  const crypto::SslCtx client(SSL_CTX_new(TLS_method()));
  Pair first(a.identity, client.get());
  ASSERT_EQ(first.handshake(), "done");
  ASSERT_TRUE(first.session);
  const auto resumes_at = [&](const Site& site) {
    Pair again(site.identity, client.get());
    SSL_set_session(again.client(), first.session.get());
    EXPECT_EQ(again.handshake(), "done");
    return again.server->resumed();
  };
  EXPECT_TRUE(resumes_at(a));
  EXPECT_FALSE(resumes_at(b));
  keys->rotate();
  EXPECT_TRUE(resumes_at(a)) << "the key before the newest still opens";
  keys->rotate();
  EXPECT_FALSE(resumes_at(a)) << "two keys are kept";
}

TEST(ServerSession, SendsNoTicketsWhenNoneAreWanted) {
  TlsConfig config;
  config.tickets = 0;
  Site site("a.example", config);
  Pair pair(site.identity);
  ASSERT_EQ(pair.handshake(), "done");
  EXPECT_FALSE(pair.session);
}

TEST(ServerSession, BytesGoBothWaysAndTheEndIsHeard) {
  Site site("a.example");
  Pair pair(site.identity);
  ASSERT_EQ(pair.handshake(), "done");
  ASSERT_EQ(SSL_write(pair.client(), "hello", 5), 5);
  const std::string in = pair.from_client();
  std::array<std::byte, 100> room;
  pair.io.in = as_bytes(in);
  EXPECT_EQ(pair.server->read(room, TimePoint{}).value().size, 5u);
  EXPECT_EQ(pair.server->read(room, TimePoint{}).value().size, 0u);
  ASSERT_TRUE(pair.server->write(as_bytes(std::string_view("world"))));
  pair.to_client();
  std::array<char, 100> text;
  EXPECT_EQ(SSL_read(pair.client(), text.data(), 100), 5);
  SSL_shutdown(pair.client());
  const std::string bye = pair.from_client();
  pair.io.in = as_bytes(bye);
  EXPECT_TRUE(pair.server->read(room, TimePoint{}).value().end);
}

TEST(ServerSession, ADamagedRecordIsAnErrorWithItsAlert) {
  Site site("a.example");
  Pair pair(site.identity);
  ASSERT_EQ(pair.handshake(), "done");
  ASSERT_EQ(SSL_write(pair.client(), "hello", 5), 5);
  std::string in = pair.from_client();
  in.back() = static_cast<char>(in.back() ^ 1);
  std::array<std::byte, 100> room;
  pair.io.in = as_bytes(in);
  const auto read = pair.server->read(room, TimePoint{});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind().id, "tls.bad_record");
  EXPECT_FALSE(pair.out.filled().empty()) << "the alert";
}

TEST(ServerSession, KeyUpdatesAreCounted) {
  TlsConfig config;
  config.key_update_limit = 10;
  Site site("a.example", config);
  Pair pair(site.identity);
  ASSERT_EQ(pair.handshake(), "done");
  std::array<std::byte, 100> room;
  std::string_view ended = "no";
  for (int i = 0; i < 20 && ended == "no"; ++i) {
    SSL_key_update(pair.client(), SSL_KEY_UPDATE_NOT_REQUESTED);
    ASSERT_EQ(SSL_write(pair.client(), "x", 1), 1);
    const std::string in = pair.from_client();
    pair.io.in = as_bytes(in);
    const auto read = pair.server->read(room, TimePoint{} + 1h);
    if (!read) ended = read.error().kind().id;
  }
  EXPECT_EQ(ended, "tls.too_many_key_updates");
}

int inflate_certificate(SSL*, CRYPTO_BUFFER** out, std::size_t size, const std::uint8_t* in, std::size_t n) {
  std::uint8_t* to = nullptr;
  *out = CRYPTO_BUFFER_alloc(&to, size);
  uLongf got = size;
  return uncompress(to, &got, in, n) == Z_OK && got == size;
}

TEST(ServerSession, CompressesItsCertificateForClientsThatCanReadIt) {
  TlsConfig config, off;
  off.certificate_compression = false;
  Site site("a.example", config), plain("a.example", off);
  const auto flight = [&](const Site& at, bool offers) {
    const crypto::SslCtx client(SSL_CTX_new(TLS_method()));
    if (offers) SSL_CTX_add_cert_compression_alg(client.get(), 1, nullptr, inflate_certificate);
    Pair pair(at.identity, client.get());
    EXPECT_EQ(pair.handshake(), "done");
    const crypto::X509Ptr shown(SSL_get_peer_certificate(pair.client()));
    EXPECT_TRUE(shown);
    return shown != nullptr;
  };
  EXPECT_TRUE(flight(site, true));
  EXPECT_TRUE(flight(site, true)) << "from the kept copy";
  EXPECT_TRUE(flight(site, false));
  EXPECT_TRUE(flight(plain, true));
}

}  // namespace
}  // namespace sally::tls
