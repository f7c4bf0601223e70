#include "quic/connection.h"

#include <gtest/gtest.h>

#include <random>

#include "quic/echo_fixture.h"

namespace sally::quic {
namespace {

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
  static constexpr ErrorKind kRefused{"test.refused", Blame::peer, Retry::never, "", "", "", 112, 0};
  Fixture f({.name = "other.example"});
  f.echo.refusal = &kRefused;
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
