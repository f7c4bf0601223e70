// net/connect.h - opens a TCP connection, and says which way it failed.
#pragma once
#include <coroutine>

#include "base/error.h"
#include "loop/loop.h"
#include "net/socket_address.h"
#include "os/fd.h"

namespace sally {

inline constexpr ErrorKind kConnectRefused{
    "net.connect_refused",
    Blame::upstream,
    Retry::other_upstream,
    "the host refuses connections to this port",
    "start the server, correct the port, or open it in a firewall that rejects",
    "",
    -1,
    502};
inline constexpr ErrorKind kUnreachable{"net.unreachable",
                                        Blame::upstream,
                                        Retry::other_upstream,
                                        "there is no way to the host",
                                        "check the address, this machine's route and a firewall that rejects",
                                        "",
                                        -1,
                                        502};
inline constexpr ErrorKind kConnectTimeout{"net.connect_timeout",
                                           Blame::upstream,
                                           Retry::other_upstream,
                                           "nobody answered the attempt to connect",
                                           "look for a firewall that drops packets, or a host that is down",
                                           "",
                                           -1,
                                           504};
inline constexpr ErrorKind kConnectReset{
    "net.connect_reset",
    Blame::upstream,
    Retry::other_upstream,
    "the host took the connection and broke it off at once",
    "look for a limit of connections there, or a firewall that ends them",
    "",
    -1,
    502};
inline constexpr ErrorKind kConnectFailed{"net.connect_failed",
                                          Blame::system,
                                          Retry::later,
                                          "no connection could be opened",
                                          "read the reason in the detail",
                                          "",
                                          -1,
                                          502};

/// co_await Connect(loop, address, by): a connected socket that does not block, with TCP_NODELAY. Destroying
/// it while it waits gives the attempt up. Errors: net.connect_refused, net.unreachable, net.connect_timeout,
/// net.connect_reset, net.connect_failed.
class Connect final : private Pollable, private Timer {
 public:
  Connect(Loop& loop, const SocketAddress& to, Deadline by) : loop_(loop), to_(to), by_(by) {}
  Connect(const Connect&) = delete;
  ~Connect();

  bool await_ready();
  void await_suspend(std::coroutine_handle<> h) { waiter_ = h; }
  Result<Fd> await_resume();

 private:
  void on_events(std::uint32_t events) override;
  void on_timer() override;
  void finish(int error_number);

  Loop& loop_;
  SocketAddress to_;
  Deadline by_;
  Fd fd_;
  bool watched_ = false, timed_out_ = false;
  int error_number_ = 0;
  std::coroutine_handle<> waiter_;
};

}  // namespace sally
