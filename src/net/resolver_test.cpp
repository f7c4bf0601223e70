#include "net/resolver.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "loop/task.h"
#include "os/fd.h"

namespace sally {
namespace {

using namespace std::chrono_literals;

std::string octets(std::initializer_list<int> values) {
  std::string out;
  for (const int v : values) out += static_cast<char>(v);
  return out;
}

/// A name server of the test's own, on loopback: "a.test" has two addresses, "gone.test" none, "mute.test" is
/// never answered.
class NameServer {
 public:
  NameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const SocketAddress any = SocketAddress::numeric("127.0.0.1", 0).value();
    EXPECT_EQ(::bind(socket_.get(), any.get(), any.length()), 0);
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    at_ = SocketAddress(reinterpret_cast<sockaddr*>(&bound), size).text();
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  const std::string& at() const { return at_; }
  unsigned asked() const { return asked_; }

 private:
  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waits{socket_.get(), POLLIN, 0};
      if (::poll(&waits, 1, 20) <= 0) continue;
      char in[512];
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const ssize_t n =
          ::recvfrom(socket_.get(), in, sizeof in, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (n < 12) continue;
      ++asked_;
      const std::string answer = answer_to({in, static_cast<std::size_t>(n)});
      if (!answer.empty())
        ::sendto(socket_.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }
  /// RFC 1035 4.1.
  static std::string answer_to(const std::string& query) {
    std::size_t end = 12;
    while (end < query.size() && query[end] != 0) end += 1 + static_cast<unsigned char>(query[end]);
    const std::string name = query.substr(12, end - 12), question = query.substr(12, end + 5 - 12);
    const int type = query[end + 2];
    if (name.starts_with("\4mute")) return "";
    const bool known = name == "\1a\4test";
    const std::string pointer = octets({0xc0, 12});
    std::string records;
    int count = 0;
    if (known && type == 1) {
      records = pointer + octets({0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 2}) + pointer +
                octets({0, 1, 0, 1, 0, 0, 0, 7, 0, 4, 127, 0, 0, 3});
      count = 2;
    }
    return query.substr(0, 2) + octets({0x85, known ? 0x80 : 0x83, 0, 1, 0, count, 0, 0, 0, 0}) + question +
           records;
  }

  Fd socket_;
  std::string at_;
  std::atomic<unsigned> asked_ = 0;
  std::jthread thread_;
};

Task<Result<Resolver::Answer>> find(Resolver& resolver, std::string host) {
  co_return co_await resolver.find(std::move(host), 443);
}

Result<Resolver::Answer> run(Loop& loop, Resolver& resolver, std::string host) {
  Running<Result<Resolver::Answer>> running(find(resolver, std::move(host)));
  running.start();
  while (!running.done()) loop.turn(100ms);
  return running.take();
}

TEST(Resolver, AnswersHoldAsLongAsTheirShortestRecord) {
  NameServer server;
  auto loop = Loop::make().value();
  auto resolver = Resolver::make(*loop, server.at()).value();
  const auto answer = run(*loop, *resolver, "a.test").value();
  ASSERT_EQ(answer.addresses.size(), 2u);
  for (const SocketAddress& a : answer.addresses)
    EXPECT_TRUE(a.host() == "127.0.0.2" || a.host() == "127.0.0.3");
  EXPECT_EQ(answer.addresses.front().port(), 443);
  EXPECT_EQ(answer.fresh_for, 7s);
}

TEST(Resolver, NamesThatAreNotThere) {
  NameServer server;
  auto loop = Loop::make().value();
  auto resolver = Resolver::make(*loop, server.at()).value();
  const auto answer = run(*loop, *resolver, "gone.test");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind().id, "net.no_such_name");
  EXPECT_GT(server.asked(), 0u);
}

TEST(Resolver, NumbersAndFilesNeedNoServer) {
  auto loop = Loop::make().value();
  auto resolver = Resolver::make(*loop, "127.0.0.1:1").value();
  EXPECT_EQ(run(*loop, *resolver, "2001:db8::1")->addresses.front().text(), "[2001:db8::1]:443");
  const auto local = run(*loop, *resolver, "localhost").value();
  for (const SocketAddress& a : local.addresses) EXPECT_TRUE(a.is_loopback());
}

TEST(Resolver, AQuestionCanBeGivenUpAndTheResolverToo) {
  NameServer server;
  auto loop = Loop::make().value();
  auto resolver = Resolver::make(*loop, server.at()).value();
  {
    Running<Result<Resolver::Answer>> given_up(find(*resolver, "mute.test"));
    given_up.start();
    loop->turn(10ms);
  }
  Running<Result<Resolver::Answer>> waiting(find(*resolver, "mute.test"));
  waiting.start();
  loop->turn(10ms);
  resolver.reset();
  loop->turn(10ms);
  EXPECT_FALSE(waiting.done());
}

}  // namespace
}  // namespace sally
