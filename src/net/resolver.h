// net/resolver.h - from a host to its addresses by DNS, on the loop, with how long they hold.
#pragma once
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "loop/loop.h"
#include "net/look_up.h"
#include "net/socket_address.h"

namespace sally {

/// One for each core. Asks the servers of /etc/resolv.conf, after /etc/hosts as /etc/nsswitch.conf says.
/// Keeps nothing: whoever asks knows how long an answer holds.
class Resolver final : private Timer, private Deferred {
 public:
  struct Answer {
    std::vector<SocketAddress> addresses;  ///< each once, at most 64, in the order of RFC 6724
    std::chrono::seconds fresh_for{};      ///< the shortest time to live, within 1 s and 1 h; of files: 30 s
  };

  /// `servers`: "192.0.2.1:53,[2001:db8::1]:53" instead of the system's; "": the system's.
  /// Errors: net.resolver_failed.
  static Result<std::unique_ptr<Resolver>> make(Loop& loop, const std::string& servers = "");
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  /// Nobody waits for an answer any more.
  ~Resolver();

 private:
  struct Question;

 public:
  /// co_await resolver.find(host, port). Destroying it while it waits gives the question up.
  class [[nodiscard]] Find {
   public:
    Find(Resolver& resolver, std::string host, std::uint16_t port);
    Find(const Find&) = delete;
    ~Find();
    bool await_ready();
    void await_suspend(std::coroutine_handle<> h);
    Result<Answer> await_resume();

   private:
    Resolver& resolver_;
    std::shared_ptr<Question> question_;
  };
  /// A numeric host needs no server. Errors: net.no_such_name, net.resolver_failed.
  Find find(std::string host, std::uint16_t port) { return {*this, std::move(host), port}; }

 private:
  class Socket;
  struct Channel;
  explicit Resolver(Loop& loop);
  void ask(const std::shared_ptr<Question>& question);
  void watch(int fd, bool readable, bool writable);
  void set_timer();
  void on_timer() override;
  void on_turn_end() override;

  Loop& loop_;
  std::unique_ptr<Channel> channel_;
  std::map<int, std::unique_ptr<Socket>> sockets_;
  std::vector<std::unique_ptr<Socket>> closed_;  ///< until the turn ends
  std::vector<std::shared_ptr<Question>> answered_;
};

}  // namespace sally
