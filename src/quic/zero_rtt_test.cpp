#include "quic/zero_rtt.h"

#include <gtest/gtest.h>

#include <optional>

#include "quic/echo_fixture.h"

namespace sally::quic {
namespace {

/// A server that takes early data, and a client that comes back to it.
class EarlyDataTest : public testing::Test {
 protected:
  EarlyTerms terms(const QuicConfig& config = {}) { return {early.terms(config, 1000, 2000), &early.used()}; }
  void offer(Fixture& f) {
    f.echo.identity = identity;
    f.echo.terms = terms();
  }
  Remembered first_visit(std::uint32_t version = kVersion1) {
    Fixture f({.version = version});
    offer(f);
    f.asking.ask("first");
    f.run();
    EXPECT_EQ(f.answers[0], "first");
    EXPECT_FALSE(f.echo.early);
    return f.link.client.remember();
  }
  /// The datagrams of a client that comes back and asks at once.
  std::vector<std::string> return_with(Fixture& f, const std::string& text) {
    f.asking.ask(text);
    return f.link.client.produce(f.link.now, &f.asking);
  }

  EarlyData early;
  const std::shared_ptr<const tls::ServerIdentity> identity =
      test_identity("example.com", std::make_shared<tls::TicketKeys>(2));
};

TEST_F(EarlyDataTest, IsTakenBeforeTheHandshakeIsDone) {
  for (const std::uint32_t version : {kVersion1, kVersion2}) {
    const Remembered kept = first_visit(version);
    ASSERT_TRUE(SSL_SESSION_early_data_capable(kept.session.get()));
    Fixture f({.version = version, .remembered = &kept});
    offer(f);
    f.link.carry(return_with(f, "hello"), true);
    EXPECT_TRUE(f.echo.early);
    EXPECT_EQ(f.echo.texts[0], "hello");
    EXPECT_FALSE(f.link.server->handshake_done());
    Pile pile;
    f.link.server->produce(pile, f.link.now);  // the answer goes with the first datagrams
    EXPECT_TRUE(f.echo.ready.empty());
    f.link.carry(pile.datagrams, false);
    f.run();
    EXPECT_EQ(f.answers[0], "hello");
    EXPECT_EQ(f.echo.before_handshake, 5u);
    EXPECT_TRUE(f.link.server->handshake_done() && f.link.server->tls().resumed());
    EXPECT_FALSE(f.link.client.refused);
    EXPECT_FALSE(f.link.server->tls().early());
  }
}

TEST_F(EarlyDataTest, IsOffUnlessThereAreTerms) {
  Fixture first;
  first.echo.identity = identity;
  first.asking.ask("first");
  first.run();
  const Remembered kept = first.link.client.remember();
  ASSERT_TRUE(kept.session);
  EXPECT_FALSE(SSL_SESSION_early_data_capable(kept.session.get()));
  Fixture f({.remembered = &kept});
  offer(f);
  f.link.carry(return_with(f, "hello"), true);
  EXPECT_EQ(f.echo.received, 0u);
  f.run();
  EXPECT_EQ(f.answers[0], "hello");
  EXPECT_FALSE(f.echo.early);
  EXPECT_TRUE(f.link.server->tls().resumed());
}

/// The client is told, and says everything once more.
void expect_refused(Fixture& f) {
  EXPECT_FALSE(f.echo.early);
  EXPECT_EQ(f.echo.received, 0u);
  f.run();
  EXPECT_TRUE(f.link.client.refused && f.link.server->handshake_done());
  EXPECT_TRUE(f.answers.empty());
  f.asking.ask("again");
  f.run();
  EXPECT_EQ(f.answers[0], "again");
  EXPECT_EQ(f.echo.before_handshake, 0u);
}

TEST_F(EarlyDataTest, ACopyIsNotTakenAgain) {
  const Remembered kept = first_visit();
  Fixture f({.remembered = &kept}), copied;
  offer(f);
  offer(copied);
  const auto flight = return_with(f, "hello");
  f.link.carry(flight, true);
  EXPECT_EQ(f.echo.texts[0], "hello");
  copied.link.carry(flight, true);
  ASSERT_TRUE(copied.link.server);
  EXPECT_FALSE(copied.echo.early);
  EXPECT_EQ(copied.echo.received, 0u);
}

TEST_F(EarlyDataTest, ATicketIsGoodOnce) {
  const Remembered kept = first_visit();
  for (const bool taken : {true, false}) {
    Fixture f({.remembered = &kept});
    offer(f);
    f.link.carry(return_with(f, "hello"), true);
    EXPECT_EQ(f.echo.early, taken);
    if (!taken) expect_refused(f);
  }
}

TEST_F(EarlyDataTest, ChangedTermsRefuseIt) {
  const Remembered kept = first_visit();
  Fixture f({.remembered = &kept});
  offer(f);
  QuicConfig changed;
  changed.max_streams -= 1;
  f.echo.terms = terms(changed);
  f.link.carry(return_with(f, "hello"), true);
  expect_refused(f);
}

TEST_F(EarlyDataTest, ATicketIsOfOneVersionOfQuic) {  // RFC 9369 5
  const Remembered kept = first_visit(kVersion1);
  Fixture f({.version = kVersion2, .remembered = &kept});
  offer(f);
  f.link.carry(return_with(f, "hello"), true);
  expect_refused(f);
  EXPECT_FALSE(f.link.server->tls().resumed());
}

TEST_F(EarlyDataTest, AnotherProcessRefusesIt) {
  const Remembered kept = first_visit();
  EarlyData other;
  Fixture f({.remembered = &kept});
  f.echo.identity = identity;  // it has the keys of the tickets
  f.echo.terms = {other.terms({}, 1000, 2000), &other.used()};
  f.link.carry(return_with(f, "hello"), true);
  expect_refused(f);
}

TEST_F(EarlyDataTest, AFullRegisterRefusesItAndNotTheConnection) {
  const Remembered kept = first_visit();
  early.used().limit(16);
  for (int i = 0; i < 1000; ++i)
    early.used().first_use(tls::StrikeRegister::mark_of(as_bytes(std::to_string(i))),
                           WallClock::to_time_t(WallClock::now()));
  Fixture f({.remembered = &kept});
  offer(f);
  f.link.carry(return_with(f, "hello"), true);
  expect_refused(f);
  EXPECT_TRUE(f.link.server->tls().resumed());
}

TEST_F(EarlyDataTest, AHelloThatIsAskedForAgainRefusesIt) {  // RFC 8446 4.1.4
  const Remembered kept = first_visit();
  Fixture f({.remembered = &kept, .groups = "P-521:P-384"});
  offer(f);
  f.link.carry(return_with(f, "hello"), true);
  expect_refused(f);
}

TEST_F(EarlyDataTest, LossIsMadeGood) {
  for (std::size_t lost = 2; lost < 12; ++lost) {  // ngtcp2 wants the beginning of a hello first
    const Remembered kept = first_visit();
    Fixture f({.remembered = &kept});
    offer(f);
    f.link.lose = [lost](std::size_t n) { return n == lost; };
    f.asking.ask("hello");
    for (int i = 0; i < 20 && f.ended == 0; ++i) f.run();
    EXPECT_EQ(f.answers[0], "hello") << lost;
  }
}

}  // namespace
}  // namespace sally::quic
