#include "quic/client_connection.h"

#include <gtest/gtest.h>

#include <deque>

#include "quic/address_tokens.h"
#include "quic/test_pair.h"

namespace sally::quic {
namespace {

/// One end: gives what it was told to, on streams that it opened or that the other end did.
class End final : public ClientEvents, public StreamSource {
 public:
  Fault on_handshake() override {
    ready = true;
    return std::nullopt;
  }
  Fault on_stream_data(std::int64_t stream, Bytes bytes, bool end) override {
    connection->used(stream, bytes.size());
    texts[stream] += as_text(bytes);
    if (end) ended.push_back(stream);
    if (end && echoes) send(stream, texts[stream]);
    return std::nullopt;
  }
  Fault on_acknowledged(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_reset(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_closed(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_room(std::int64_t) override {
    is_blocked = false;
    return std::nullopt;
  }
  void on_token(std::string_view one) override { token = one; }
  void on_versions(std::span<const std::uint32_t> all) override { versions.assign(all.begin(), all.end()); }

  void send(std::int64_t stream, std::string text) { due_.push_back({stream, std::move(text)}); }
  std::expected<void, std::uint64_t> next(Next& next) override {
    if (due_.empty() || is_blocked) return {};
    auto& [stream, text] = due_.front();
    next.stream = stream;
    next.pieces[0] = {reinterpret_cast<std::uint8_t*>(text.data()) + at_, text.size() - at_};
    next.count = 1;
    next.end = true;
    return {};
  }
  void sent(std::int64_t, std::size_t bytes) override {
    at_ += bytes;
    if (at_ < due_.front().second.size()) return;
    at_ = 0;
    kept_.push_back(std::move(due_.front()));
    due_.pop_front();
  }
  void blocked(std::int64_t) override { is_blocked = true; }
  void shut(std::int64_t) override { due_.pop_front(); }

  Connection* connection = nullptr;
  bool ready = false, echoes = false, is_blocked = false;
  std::map<std::int64_t, std::string> texts;
  std::vector<std::int64_t> ended;
  std::string token;
  std::vector<std::uint32_t> versions;

 private:
  std::deque<std::pair<std::int64_t, std::string>> due_, kept_;
  std::size_t at_ = 0;
};

/// A server's end, which needs an identity: the rest is End's.
struct Server final : ConnectionEvents {
  explicit Server(End& e) : end(e) {}
  Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek& hello) override {
    asked = hello.server_name;
    static const auto identity = test_identity();
    return identity;
  }
  Fault on_handshake() override { return end.on_handshake(); }
  Fault on_stream_data(std::int64_t stream, Bytes bytes, bool last) override {
    return end.on_stream_data(stream, bytes, last);
  }
  Fault on_acknowledged(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_reset(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_closed(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_room(std::int64_t) override {
    end.is_blocked = false;
    return std::nullopt;
  }
  void on_id(const ConnectionId&) override {}
  void on_id_gone(Bytes) override {}
  End& end;
  std::string asked;
};

struct Ends {
  Ends() { server_end.echoes = true; }
  const ConnectionIds ids;
  QuicConfig config;
  End client_end, server_end;
  Server server_events{server_end};
};

struct Pair : Ends, TestPair {
  explicit Pair(std::uint32_t version = kVersion1, bool believes = true)
      : TestPair(client_end, client_end, {server_events, server_end, ids, config, 3, 10s, 16384}, version,
                 believes) {
    client_end.connection = client.get();
    on_accept = [this](Connection& c) { server_end.connection = &c; };
  }
  std::int64_t ask(std::string text) {
    const std::int64_t stream = client->open_two_way().value();
    client_end.send(stream, std::move(text));
    return stream;
  }
};

TEST(QuicClientConnection, ShakesHandsAndCarriesStreams) {
  for (const std::uint32_t version : {kVersion1, kVersion2}) {
    Pair p(version);
    p.run();
    ASSERT_TRUE(p.client_end.ready) << (p.client->failure() ? p.client->failure()->text() : "no failure");
    EXPECT_EQ(p.server_events.asked, "example.com");
    EXPECT_EQ(p.client->tls().alpn(), "h3");
    EXPECT_EQ(p.client->tls().group(), "X25519MLKEM768");
    EXPECT_EQ(p.client->two_way_left(), p.config.max_streams);
    const std::int64_t first = p.ask("hello"), second = p.ask("world");
    p.run();
    EXPECT_EQ(p.client_end.texts[first], "hello");
    EXPECT_EQ(p.client_end.texts[second], "world");
    EXPECT_EQ(p.client_end.ended.size(), 2u);
  }
}

TEST(QuicClientConnection, AHelloOfTwoDatagramsSurvivesLossOfEither) {
  for (const std::size_t lost : {1u, 2u}) {
    Pair p;
    p.lose = [lost](std::size_t n) { return n == lost; };
    p.run();
    for (int i = 0; i < 10 && !p.client_end.ready; ++i) {
      p.now = std::max(p.now, p.client->deadline());
      p.client->expire(p.now);
      p.run();
    }
    EXPECT_TRUE(p.client_end.ready) << lost;
  }
}

TEST(QuicClientConnection, LossIsMadeGood) {
  Pair p;
  p.run();
  p.lose = [](std::size_t n) { return n % 7 == 3; };
  const std::string large(300'000, 'x');
  const std::int64_t stream = p.ask(large);
  for (int i = 0; i < 3; ++i) p.run();
  EXPECT_TRUE(p.client_end.texts[stream] == large) << p.client_end.texts[stream].size();
}

TEST(QuicClientConnection, AServerThatIsNotBelievedIsToldSo) {
  Pair p(kVersion1, false);
  p.run();
  EXPECT_FALSE(p.client_end.ready);
  ASSERT_NE(p.client->failure(), nullptr);
  EXPECT_TRUE(p.client->failure()->is(kHandshake)) << p.client->failure()->text();
  ASSERT_TRUE(p.server);
  ASSERT_NE(p.server->failure(), nullptr);
  EXPECT_TRUE(p.server->failure()->is(kClosedByPeer));
}

TEST(QuicClientConnection, VersionsThatAServerNamesAreHeard) {
  Pair p;
  Pile pile;
  p.client->produce(pile, p.now);
  ASSERT_FALSE(pile.datagrams.empty());
  ngtcp2_version_cid ids;
  ASSERT_EQ(
      ngtcp2_pkt_decode_version_cid(&ids, as_u8(as_bytes(pile.datagrams[0])), pile.datagrams[0].size(), 0),
      0);
  const std::uint32_t spoken[] = {kVersion2, 0x1a2a3a4a};
  std::array<std::uint8_t, 200> packet;
  const auto size = ngtcp2_pkt_write_version_negotiation(packet.data(), packet.size(), 7, ids.scid,
                                                         ids.scidlen, ids.dcid, ids.dcidlen, spoken, 2);
  ASSERT_GT(size, 0);
  p.client->receive(client_path(), as_bytes(std::span(packet).first(static_cast<std::size_t>(size))), 0,
                    p.now);
  EXPECT_EQ(p.client_end.versions, std::vector<std::uint32_t>(std::begin(spoken), std::end(spoken)));
  EXPECT_TRUE(p.client->gone());
  EXPECT_TRUE(p.client->failure()->is(kVersionRefused));
}

TEST(QuicClientConnection, ARetryIsFollowed) {
  Pair p;
  Pile pile;
  p.client->produce(pile, p.now);
  ngtcp2_pkt_hd head;
  ASSERT_EQ(ngtcp2_accept(&head, as_u8(as_bytes(pile.datagrams[0])), pile.datagrams[0].size()), 0);
  const AddressTokens tokens;
  const Bytes first = as_bytes(std::span(head.dcid.data, head.dcid.datalen));
  const std::string token = tokens.for_retry(test_path().remote, first, 1000);
  const auto fresh = crypto::random_bytes<12>();
  ngtcp2_cid ours;
  ngtcp2_cid_init(&ours, as_u8(Bytes(fresh)), fresh.size());
  const auto key = retry_key(kVersion1).value();
  const ngtcp2_crypto_ctx crypto = crypto_of(initial_suite());
  const ngtcp2_crypto_aead_ctx aead{key.get()};
  std::array<std::uint8_t, 300> packet;
  const auto size = ngtcp2_pkt_write_retry(packet.data(), packet.size(), kVersion1, &head.scid, &ours,
                                           &head.dcid, reinterpret_cast<const std::uint8_t*>(token.data()),
                                           token.size(), connection_callbacks().encrypt, &crypto.aead, &aead);
  ASSERT_GT(size, 0);
  p.client->receive(client_path(), as_bytes(std::span(packet).first(static_cast<std::size_t>(size))), 0,
                    p.now);
  p.proof = TestPair::Proof{token, std::string(as_text(first))};
  p.run();
  EXPECT_TRUE(p.client_end.ready) << (p.client->failure() ? p.client->failure()->text() : "no failure");
}

TEST(QuicClientConnection, ATokenIsKept) {
  Pair p;
  p.run();
  p.server->offer_token("a token");
  p.run();
  EXPECT_EQ(p.client_end.token, "a token");
}

TEST(QuicClientConnection, SilenceEndsTheHandshake) {
  Pair p;
  for (int i = 0; i < 100 && !p.client->gone(); ++i) {
    Pile lost;
    p.client->produce(lost, p.now);
    p.now = std::max(p.now + 1ms, p.client->deadline());
    p.client->expire(p.now);
  }
  EXPECT_TRUE(p.client->gone());
  EXPECT_TRUE(p.client->failure()->is(kHandshakeTimeout));
}

TEST(QuicClientConnection, CloseReachesTheServer) {
  Pair p;
  p.run();
  p.client->close(0x100, "done");
  p.run();
  ASSERT_NE(p.server->failure(), nullptr);
  EXPECT_TRUE(p.server->failure()->is(kClosedByPeer));
}

}  // namespace
}  // namespace sally::quic
