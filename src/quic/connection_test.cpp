#include "quic/connection.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "quic/test_client.h"

namespace sally::quic {
namespace {

/// Gives back in upper case what comes, on the same stream.
class Echo final : public ConnectionEvents, public StreamSource {
 public:
  Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek& hello) override {
    asked = hello.server_name;
    static const auto identity = test_identity();
    if (asked != "example.com") return fail(kRefused);
    return identity;
  }
  Fault on_handshake() override { return std::nullopt; }
  Fault on_stream_data(std::int64_t stream, Bytes bytes, bool end) override {
    connection->used(stream, bytes.size());
    received += bytes.size();
    if (as_text(bytes) == "close") return 0x42;
    texts[stream] += as_text(bytes);
    if (end) ready.push_back(stream);
    return std::nullopt;
  }
  Fault on_acknowledged(std::int64_t, std::uint64_t bytes) override {
    acknowledged += bytes;
    return std::nullopt;
  }
  Fault on_reset(std::int64_t, std::uint64_t error) override {
    reset = error;
    return std::nullopt;
  }
  Fault on_closed(std::int64_t, std::uint64_t) override {
    ++closed;
    connection->allow_streams(1);
    return std::nullopt;
  }
  Fault on_room(std::int64_t) override {
    is_blocked = false;
    return std::nullopt;
  }
  void on_id(const ConnectionId&) override { ++ids; }
  void on_id_gone(Bytes) override { --ids; }

  std::expected<void, std::uint64_t> next(Next& next) override {
    if (ready.empty() || is_blocked) return {};
    next.stream = ready.front();
    std::string& text = texts[next.stream];
    next.pieces[0] = {reinterpret_cast<std::uint8_t*>(text.data()) + at, text.size() - at};
    next.count = 1;
    next.end = true;
    return {};
  }
  void sent(std::int64_t stream, std::size_t bytes) override {
    at += bytes;
    if (at < texts[stream].size()) return;
    at = 0;
    ready.pop_front();
  }
  void blocked(std::int64_t) override { is_blocked = true; }
  void shut(std::int64_t) override { ready.pop_front(); }

  static constexpr ErrorKind kRefused{"test.refused", Blame::peer, Retry::never, "", "", "", 112, 0};
  std::unique_ptr<Connection>* connection_at = nullptr;
  Connection* connection = nullptr;
  std::string asked;
  std::map<std::int64_t, std::string> texts;
  std::deque<std::int64_t> ready;
  std::size_t at = 0, received = 0;
  std::uint64_t acknowledged = 0, reset = 0;
  int closed = 0, ids = 0;
  bool is_blocked = false;
};

/// What the client sends: a text for each stream.
class Asking final : public StreamSource {
 public:
  explicit Asking(TestClient& client) : client_(client) {}
  void ask(std::string text) { waiting_.push_back(std::move(text)); }
  std::expected<void, std::uint64_t> next(Next& next) override {
    if (stream_ < 0) {
      if (waiting_.empty() || ngtcp2_conn_open_bidi_stream(client_.conn, &stream_, nullptr) != 0) {
        stream_ = -1;
        return {};
      }
      kept_.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
      at_ = 0;
    }
    std::string& text = kept_.back();
    next.stream = stream_;
    next.pieces[0] = {reinterpret_cast<std::uint8_t*>(text.data()) + at_, text.size() - at_};
    next.count = 1;
    next.end = true;
    return {};
  }
  void sent(std::int64_t, std::size_t bytes) override {
    at_ += bytes;
    if (at_ == kept_.back().size()) stream_ = -1;
  }
  void blocked(std::int64_t) override {}
  void shut(std::int64_t) override { stream_ = -1; }

 private:
  TestClient& client_;
  std::deque<std::string> waiting_, kept_;
  std::int64_t stream_ = -1;
  std::size_t at_ = 0;
};

struct Fixture {
  explicit Fixture(const Wish& wish = {})
      : link({echo, echo, ids, config, 3, 10s, 16384}, wish), asking(link.client) {
    link.client.on_data = [this](std::int64_t id, Bytes bytes, bool end) {
      answers[id] += as_text(bytes);
      ended += end ? 1 : 0;
      ngtcp2_conn_extend_max_stream_offset(link.client.conn, id, bytes.size());
      ngtcp2_conn_extend_max_offset(link.client.conn, bytes.size());
    };
  }
  void run() {
    for (int i = 0; i < 3; ++i) {
      link.run(&asking);
      echo.connection = link.server.get();
    }
  }
  /// Until the server has a connection, which its events are to know.
  void meet() {
    link.carry(link.client.produce(link.now), true);
    echo.connection = link.server.get();
  }
  const ConnectionIds ids;
  QuicConfig config;
  Echo echo;
  Link link;
  Asking asking;
  std::map<std::int64_t, std::string> answers;
  int ended = 0;
};

TEST(QuicConnection, ShakesHandsAndCarriesStreams) {
  for (const std::uint32_t version : {kVersion1, kVersion2}) {
    Fixture f({.version = version});
    f.meet();
    f.asking.ask("hello");
    f.asking.ask("world");
    f.run();
    EXPECT_EQ(f.link.client.error, 0) << ngtcp2_strerror(f.link.client.error) << f.link.client.tls().reason();
    ASSERT_TRUE(f.link.server);
    EXPECT_EQ(f.link.server->failure(), nullptr) << f.link.server->failure()->text();
    EXPECT_TRUE(f.link.server->handshake_done());
    EXPECT_EQ(f.echo.asked, "example.com");
    EXPECT_EQ(f.link.server->tls().alpn(), "h3");
    EXPECT_EQ(f.link.server->tls().group(), "X25519MLKEM768");
    EXPECT_EQ(f.answers[0], "hello");
    EXPECT_EQ(f.answers[4], "world");
    EXPECT_EQ(f.ended, 2);
    EXPECT_EQ(f.echo.closed, 2);
    EXPECT_EQ(f.echo.acknowledged, 10u);
    EXPECT_GE(f.echo.ids, 1);
  }
}

TEST(QuicConnection, LossIsMadeGood) {
  const std::string large(300'000, 'x');
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Fixture f;
    f.meet();
    std::minstd_rand dice(seed);  // every seventh in turn could fall in step with what is sent again
    f.link.lose = [&](std::size_t) { return dice() % 7 == 0; };
    f.asking.ask(large);
    f.run();
    EXPECT_EQ(f.link.client.error, 0) << ngtcp2_strerror(f.link.client.error);
    EXPECT_TRUE(f.answers[0] == large) << f.answers[0].size() << " with seed " << seed;
  }
}

TEST(QuicConnection, MoreStreamsThanAtOnce) {
  Fixture f;
  f.config.max_streams = 4;
  f.meet();
  for (int i = 0; i < 40; ++i) f.asking.ask("text " + std::to_string(i));
  f.run();
  EXPECT_EQ(f.ended, 40);
  EXPECT_EQ(f.answers[4 * 39], "text 39");
}

TEST(QuicConnection, KeysAreUpdated) {
  Fixture f;
  f.meet();
  f.asking.ask("before");
  f.run();
  f.link.now += 1s;
  ASSERT_EQ(ngtcp2_conn_initiate_key_update(f.link.client.conn, stamp_of(f.link.now)), 0);
  f.asking.ask("after");
  f.run();
  EXPECT_EQ(f.link.client.error, 0) << ngtcp2_strerror(f.link.client.error);
  EXPECT_EQ(f.answers[4], "after");
}

TEST(QuicConnection, ARefusedNameEndsWithItsAlert) {
  Fixture f({.name = "other.example"});
  f.meet();
  f.run();
  ASSERT_TRUE(f.link.server);
  EXPECT_FALSE(f.link.server->open());
  ASSERT_NE(f.link.server->failure(), nullptr);
  EXPECT_EQ(f.link.server->failure()->kind().id, "test.refused");
  EXPECT_EQ(ngtcp2_conn_get_ccerr(f.link.client.conn)->error_code, 0x100u + 112);  // RFC 9001 4.8
}

TEST(QuicConnection, AFaultOfTheProtocolClosesWithItsNumber) {
  Fixture f;
  f.meet();
  f.asking.ask("close");
  f.run();
  EXPECT_FALSE(f.link.server->open());
  EXPECT_EQ(ngtcp2_conn_get_ccerr(f.link.client.conn)->error_code, 0x42u);
}

TEST(QuicConnection, CloseSaysWhyAndGoes) {
  Fixture f;
  f.meet();
  f.asking.ask("hello");
  f.run();
  f.link.server->close(0x100, "enough");
  f.run();
  const ngtcp2_ccerr* const heard = ngtcp2_conn_get_ccerr(f.link.client.conn);
  EXPECT_EQ(heard->error_code, 0x100u);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(heard->reason), heard->reasonlen), "enough");
  f.link.now = f.link.server->deadline();
  f.link.server->expire(f.link.now);
  EXPECT_TRUE(f.link.server->gone());
}

TEST(QuicConnection, SilenceEndsIt) {
  Fixture f;
  f.meet();
  f.asking.ask("hello");
  f.run();
  f.link.now += f.config.idle_timeout + 1s;
  f.link.server->expire(f.link.now);
  EXPECT_TRUE(f.link.server->gone());
  EXPECT_TRUE(f.link.server->failure()->is(kIdle));
}

TEST(QuicConnection, AHandshakeThatStallsEnds) {
  Fixture f;
  f.meet();
  ASSERT_TRUE(f.link.server);
  for (int i = 0; i < 100 && !f.link.server->gone(); ++i) {
    Pile lost;
    f.link.server->produce(lost, f.link.now);
    f.link.now = std::max(f.link.now + 1ms, f.link.server->deadline());
    f.link.server->expire(f.link.now);
  }
  EXPECT_TRUE(f.link.server->gone());
  EXPECT_TRUE(f.link.server->failure()->is(kHandshakeTimeout));
}

TEST(QuicConnection, AnUnprovenAddressGetsThreeTimesWhatCame) {  // RFC 9000 8.1
  Fixture f;
  const auto first = f.link.client.produce(f.link.now);
  std::size_t came = 0;
  for (const std::string& one : first) {
    came += one.size();
    f.link.deliver(one);
  }
  Pile pile;
  for (int i = 0; i < 20; ++i) {
    f.link.server->produce(pile, f.link.now);
    f.link.now += 500ms;
    f.link.server->expire(f.link.now);
  }
  std::size_t went = 0;
  for (const std::string& one : pile.datagrams) went += one.size();
  EXPECT_GT(went, 0u);
  EXPECT_LE(went, 3 * came);
}

TEST(QuicConnection, DamagedDatagramsChangeNothing) {
  Fixture f;
  f.meet();
  f.asking.ask("hello");
  f.run();
  for (int i = 0; i < 200; ++i) {
    auto noise = crypto::random_bytes<64>();
    noise[0] = std::byte{0x40};
    f.link.server->receive(test_path(), noise, 0, f.link.now);
  }
  f.asking.ask("again");
  f.run();
  EXPECT_EQ(f.answers[4], "again");
}

}  // namespace
}  // namespace sally::quic
