#include "net/connect_first.h"

#include <gtest/gtest.h>

#include "net/listener.h"

namespace sally {
namespace {

using namespace std::chrono_literals;

SocketAddress at(std::string_view host, std::uint16_t port = 1) {
  return SocketAddress::numeric(host, port).value();
}

Task<Result<Connected>> open(Loop& loop, std::vector<SocketAddress> to, Deadline by,
                             std::chrono::milliseconds stagger) {
  co_return co_await ConnectFirst(loop, to, by, stagger);
}

Result<Connected> run(Loop& loop, std::vector<SocketAddress> to, Deadline by = Clock::now() + 5s,
                      std::chrono::milliseconds stagger = 50ms) {
  Running<Result<Connected>> running(open(loop, std::move(to), by, stagger));
  running.start();
  while (!running.done()) loop.turn(100ms);
  return running.take();
}

/// A port that is bound and takes no connection: the kernel drops what comes after the first.
struct FullPort {
  Fd listener = open_listener(at("127.0.0.1", 0), false, 0).value();
  SocketAddress address = bound_address(listener.get()).value();
  std::vector<Fd> held;
  explicit FullPort(Loop& loop) {
    for (int i = 0; i < 8; ++i) {
      auto one = run(loop, {address}, Clock::now() + 60ms);
      if (!one) return;
      held.push_back(std::move(one->socket));
    }
    ADD_FAILURE() << "the port never was full";
  }
};

TEST(ConnectFirst, FamiliesTakeTurns) {
  std::string order;
  for (const SocketAddress& a : in_turns({at("::1"), at("::2"), at("::3"), at("127.0.0.1"), at("127.0.0.2")}))
    order += a.host() + " ";
  EXPECT_EQ(order, "::1 127.0.0.1 ::2 127.0.0.2 ::3 ");
  EXPECT_TRUE(in_turns({at("127.0.0.1")}).size() == 1);
}

TEST(ConnectFirst, PassesOverWhatRefusesAndWhatIsSilent) {
  auto loop = Loop::make().value();
  const FullPort full(*loop);
  const Fd listener = open_listener(at("127.0.0.1", 0), false).value();
  const SocketAddress good = bound_address(listener.get()).value();
  const auto connected = run(*loop, {at("127.0.0.1", 1), full.address, good});
  ASSERT_TRUE(connected);
  EXPECT_EQ(connected->to.text(), good.text());
  EXPECT_GE(connected->socket.get(), 0);
}

TEST(ConnectFirst, TheLastFailureIsTold) {
  auto loop = Loop::make().value();
  const auto refused = run(*loop, {at("127.0.0.1", 1), at("127.0.0.2", 1)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind().id, "net.connect_refused");
  const FullPort full(*loop);
  const auto silent = run(*loop, {full.address, full.address}, Clock::now() + 100ms, 10ms);
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().kind().id, "net.connect_timeout");
}

TEST(ConnectFirst, CanBeGivenUp) {
  auto loop = Loop::make().value();
  const FullPort full(*loop);
  {
    Running<Result<Connected>> given_up(open(*loop, {full.address, full.address}, Clock::now() + 5s, 10ms));
    given_up.start();
    loop->turn(20ms);
    EXPECT_FALSE(given_up.done());
  }
  loop->turn(20ms);
}

}  // namespace
}  // namespace sally
