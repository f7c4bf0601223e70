#include "net/datagram_socket.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sally {
namespace {

struct Inbox final : DatagramsTaken {
  void on_datagram(const Datagram& datagram) override {
    texts.emplace_back(as_text(datagram.bytes));
    last = datagram;
  }
  void on_batch_end() override { ++batches; }
  std::vector<std::string> texts;
  Datagram last;
  int batches = 0;
};

struct Pair {
  explicit Pair(const char* host)
      : loop(*Loop::make()),
        a(*loop, *open_datagrams(*SocketAddress::numeric(host, 0), true), buffers, at_a),
        b(*loop, *open_datagrams(*SocketAddress::numeric(host, 0), true), buffers, at_b) {
    EXPECT_TRUE(a.start());
    EXPECT_TRUE(b.start());
  }
  void until(std::size_t count) {
    for (int i = 0; i < 1000 && at_b.texts.size() < count; ++i) loop->turn(std::chrono::milliseconds(50));
  }
  std::unique_ptr<Loop> loop;
  DatagramBuffers buffers;
  Inbox at_a, at_b;
  DatagramSocket a, b;
};

TEST(DatagramSocket, TellsWhereFromAndWhereTo) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    Pair pair(host);
    ASSERT_TRUE(pair.a.send(as_bytes("hello"), 5, pair.a.local(), pair.b.local(), 2));
    pair.until(1);
    EXPECT_EQ(pair.at_b.texts, std::vector<std::string>{"hello"});
    EXPECT_EQ(pair.at_b.last.remote.text(), pair.a.local().text());
    EXPECT_EQ(pair.at_b.last.local.text(), pair.b.local().text());
    EXPECT_EQ(pair.at_b.last.ecn, 2);
    EXPECT_GE(pair.at_b.batches, 1);
  }
}

TEST(DatagramSocket, ManyInOneCallArriveAsTheyWereCut) {
  Pair pair("127.0.0.1");
  const std::string all = std::string(1200, 'a') + std::string(1200, 'b') + std::string(7, 'c');
  ASSERT_TRUE(pair.a.send(as_bytes(all), 1200, pair.a.local(), pair.b.local(), 0));
  pair.until(3);
  EXPECT_EQ(pair.at_b.texts,
            (std::vector<std::string>{std::string(1200, 'a'), std::string(1200, 'b'), "ccccccc"}));
}

TEST(DatagramSocket, SeveralShareAnAddress) {
  const auto first = open_datagrams(*SocketAddress::numeric("127.0.0.1", 0), true);
  ASSERT_TRUE(first);
  EXPECT_TRUE(open_datagrams(*bound_address(first->get()), true));
  EXPECT_FALSE(open_datagrams(*bound_address(first->get()), false)) << "one that shares not finds out";
}

}  // namespace
}  // namespace sally
