#include "tls/odd_record.h"

#include <gtest/gtest.h>

#include <array>

#include "crypto/issue.h"

namespace sally::tls {
namespace {

using namespace std::chrono_literals;

/// A client and a server of the TLS library that have shaken hands with TLS 1.2.
class Pair {
 public:
  explicit Pair(std::string_view suites, std::uint16_t highest = 0x0303)
      : rules_(SSL_CTX_new(TLS_server_method())) {
    auto key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
    crypto::CertificateDraft draft;
    draft.common_name = "example.com";
    draft.names = {"example.com"};
    draft.not_before = WallClock::now() - 1h;
    draft.not_after = WallClock::now() + 24h;
    const std::string leaf = crypto::issue(draft, key, {nullptr, key}).value().der();
    SSL_CTX_use_certificate_ASN1(rules_.get(), leaf.size(),
                                 reinterpret_cast<const std::uint8_t*>(leaf.data()));
    SSL_CTX_use_PrivateKey(rules_.get(), key.handle());
    SSL_CTX_set_cipher_list(rules_.get(), "ALL");
    ssl_.reset(SSL_new(rules_.get()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl_.get());
    client = std::make_unique<ClientSession>(
        ClientSession::make({.highest = highest, .suites = std::string(suites)}).value());
    for (int i = 0; i < 6; ++i) {
      const auto done = client->handshake();
      deliver(client->take_output());
      SSL_do_handshake(ssl_.get());
      ERR_clear_error();
      const std::uint8_t* bytes = nullptr;
      std::size_t size = 0;
      BIO_mem_contents(SSL_get_wbio(ssl_.get()), &bytes, &size);
      client->feed(as_bytes(std::span(bytes, size)));
      BIO_reset(SSL_get_wbio(ssl_.get()));
    }
  }
  void deliver(const std::string& bytes) {
    BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
  }
  /// What the server reads; empty: it refused the record.
  std::string heard() {
    std::array<char, 256> room;
    const int n = SSL_read(ssl_.get(), room.data(), room.size());
    ERR_clear_error();
    return n > 0 ? std::string(room.data(), static_cast<std::size_t>(n)) : std::string();
  }
  std::unique_ptr<ClientSession> client;

 private:
  crypto::SslCtx rules_;
  crypto::Ssl ssl_;
};

TEST(OddRecord, GcmIsReadByAServer) {
  for (const char* const suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"}) {
    Pair pair(suite);
    const auto sealed = seal_gcm(*pair.client, 23, "hello there");
    ASSERT_TRUE(sealed) << sealed.error().text();
    pair.deliver(*sealed);
    EXPECT_EQ(pair.heard(), "hello there");
  }
}

TEST(OddRecord, CbcIsReadByAServerAndItsFlawsAreNot) {
  for (const char* const suite : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA"})
    for (const CbcFlaw flaw : {CbcFlaw::none, CbcFlaw::padding, CbcFlaw::mac, CbcFlaw::mac_all_padding}) {
      Pair pair(suite);
      const auto sealed = seal_cbc(*pair.client, 23, "hello there", flaw);
      ASSERT_TRUE(sealed) << sealed.error().text();
      pair.deliver(*sealed);
      EXPECT_EQ(pair.heard(), flaw == CbcFlaw::none ? "hello there" : "") << static_cast<int>(flaw);
    }
}

TEST(OddRecord, OtherSuitesAndVersionsAreRefused) {
  EXPECT_FALSE(seal_gcm(*Pair("ALL", 0x0304).client, 22, "x"));
  EXPECT_FALSE(seal_cbc(*Pair("ALL", 0x0304).client, 22, "x", CbcFlaw::none));
  EXPECT_FALSE(seal_gcm(*Pair("ECDHE-ECDSA-AES128-SHA").client, 22, "x"));
  EXPECT_FALSE(seal_cbc(*Pair("ECDHE-ECDSA-AES128-GCM-SHA256").client, 22, "x", CbcFlaw::none));
  EXPECT_FALSE(seal_gcm(*Pair("ECDHE-ECDSA-CHACHA20-POLY1305").client, 22, "x"));
}

TEST(OddRecord, ASessionTellsHowItWasSignedAndResumed) {
  Pair pair(kGcmSuites);
  EXPECT_EQ(pair.client->signature_algorithm(), 0x0403);
  EXPECT_TRUE(pair.client->session_has_ticket());
  EXPECT_EQ(pair.client->client_finished().size(), 12u);
  EXPECT_EQ(pair.client->next_sequence(), 1u);
}

}  // namespace
}  // namespace sally::tls
