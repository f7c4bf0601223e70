#include "net/datagram_link.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <optional>
#include <string>
#include <vector>

namespace sally {
namespace {

struct Heard final : RunsTaken, DatagramsTaken {
  void on_run(const DatagramRun& run) override {
    for (Bytes rest = run.bytes; !rest.empty(); rest = rest.subspan(std::min(run.segment, rest.size())))
      texts.emplace_back(as_text(rest.first(std::min(run.segment, rest.size()))));
  }
  void on_datagram(const Datagram& datagram) override {
    texts.emplace_back(as_text(datagram.bytes));
    from = datagram.remote;
  }
  void on_batch_end() override {}
  std::vector<std::string> texts;
  SocketAddress from;
};

void wait_for(const DatagramLink& link) {
  pollfd one{link.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&one, 1, 60'000), 1);
}

TEST(DatagramLink, ManyGoAndComeAsTheyWereCut) {
  const std::string all = std::string(1200, 'a') + std::string(1200, 'b') + "c";
  const std::vector<std::string> cut = {std::string(1200, 'a'), std::string(1200, 'b'), "c"};
  for (const char* host : {"127.0.0.1", "::1"}) {
    const auto loop = *Loop::make();
    DatagramBuffers buffers;
    Heard there, here;
    DatagramSocket peer(*loop, *open_datagrams(*SocketAddress::numeric(host, 0), true), buffers, there);
    ASSERT_TRUE(peer.start());
    auto link = DatagramLink::open(peer.local());
    ASSERT_TRUE(link);
    ASSERT_TRUE(link->send({as_bytes(all), 1200}));
    for (int i = 0; i < 1000 && there.texts.size() < 3; ++i) loop->turn(std::chrono::milliseconds(50));
    EXPECT_EQ(there.texts, cut);
    ASSERT_TRUE(peer.send(as_bytes(all), 1200, peer.local(), there.from, 0));
    while (here.texts.size() < 3) {
      wait_for(*link);
      ASSERT_TRUE(link->take(buffers, here));
    }
    EXPECT_EQ(here.texts, cut);
  }
}

TEST(DatagramLink, SaysThatNobodyIsThere) {
  std::optional<SocketAddress> nobody;
  {
    const auto closed = open_datagrams(*SocketAddress::numeric("127.0.0.1", 0), true);
    nobody = *bound_address(closed->get());
  }
  DatagramBuffers buffers;
  Heard none;
  auto link = DatagramLink::open(*nobody);
  ASSERT_TRUE(link);
  ASSERT_TRUE(link->send({as_bytes("hello"), 5}));
  wait_for(*link);
  [[maybe_unused]] const bool again = link->send({as_bytes("hello"), 5});  // is told of it first
  const auto taken = link->take(buffers, none);
  ASSERT_FALSE(taken);
  EXPECT_TRUE(taken.error().is(kRefusedDatagram));
}

}  // namespace
}  // namespace sally
