#include "net/connect.h"

#include <gtest/gtest.h>

#include "loop/task.h"
#include "net/listener.h"
#include "net/look_up.h"

namespace sally {
namespace {

using namespace std::chrono_literals;

Task<Result<Fd>> open(Loop& loop, SocketAddress to, Deadline by) { co_return co_await Connect(loop, to, by); }

template <typename T>
T run(Loop& loop, Task<T> task) {
  Running<T> running(std::move(task));
  running.start();
  while (!running.done()) loop.turn(100ms);
  return running.take();
}

std::string id_of(const Result<Fd>& r) { return r ? "connected" : std::string(r.error().kind().id); }

TEST(Connect, ToAListener) {
  auto loop = Loop::make().value();
  const Fd listener = open_listener(SocketAddress::numeric("127.0.0.1", 0).value(), false).value();
  const SocketAddress at = bound_address(listener.get()).value();
  const auto fd = run(*loop, open(*loop, at, Clock::now() + 5s));
  ASSERT_EQ(id_of(fd), "connected");
  EXPECT_GE(fd->get(), 0);
}

TEST(Connect, ToAClosedPortIsRefused) {
  auto loop = Loop::make().value();
  SocketAddress at;
  {
    const Fd listener = open_listener(SocketAddress::numeric("127.0.0.1", 0).value(), false).value();
    at = bound_address(listener.get()).value();
  }
  const auto fd = run(*loop, open(*loop, at, Clock::now() + 5s));
  EXPECT_EQ(id_of(fd), "net.connect_refused");
  EXPECT_TRUE(std::string(fd.error().detail()).contains(at.text()));
}

TEST(Connect, AFullQueueTimesOut) {
  auto loop = Loop::make().value();
  // A backlog of 0 holds one connection; the kernel drops the SYN of those behind it, as a firewall would.
  const Fd listener = open_listener(SocketAddress::numeric("127.0.0.1", 0).value(), false, 0).value();
  const SocketAddress at = bound_address(listener.get()).value();
  std::vector<Fd> held;
  std::string last;
  for (int i = 0; i < 8 && last != "net.connect_timeout"; ++i) {
    auto fd = run(*loop, open(*loop, at, Clock::now() + 100ms));
    last = id_of(fd);
    if (fd) held.push_back(std::move(*fd));
  }
  EXPECT_EQ(last, "net.connect_timeout");
}

TEST(LookUp, NumericHostsAndNames) {
  auto loop = Loop::make().value();
  const auto numeric = run(*loop, look_up(*loop, "::1", 443));
  ASSERT_TRUE(numeric.has_value());
  EXPECT_EQ(numeric->front().text(), "[::1]:443");
  const auto local = run(*loop, look_up(*loop, "localhost", 8443));
  ASSERT_TRUE(local.has_value());
  for (const SocketAddress& one : *local) EXPECT_TRUE(one.is_loopback());
  const auto none = run(*loop, look_up(*loop, "no-such-name.invalid", 443));
  ASSERT_FALSE(none.has_value());
}

}  // namespace
}  // namespace sally
