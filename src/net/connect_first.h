// net/connect_first.h - opens a TCP connection to whichever of a host's addresses answers first.
#pragma once
#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "loop/loop.h"
#include "loop/task.h"
#include "net/connect.h"
#include "net/socket_address.h"

namespace sally {

/// An open connection and to which address it goes.
struct Connected {
  Fd socket;
  SocketAddress to;
};

/// The addresses as they are tried: the families in turns, beginning with that of the first (RFC 8305 4).
std::vector<SocketAddress> in_turns(const std::vector<SocketAddress>& addresses);

/// co_await ConnectFirst(loop, addresses, by): tries them one after the other, the next one as soon as one
/// fails or `stagger` has passed, and takes the first that stands (RFC 8305 5, "Happy Eyeballs"). Destroying
/// it while it waits gives all attempts up. Errors: those of Connect, of the attempt that failed last.
class ConnectFirst final : private Timer, private Deferred {
 public:
  /// `addresses` has at least one.
  ConnectFirst(Loop& loop, const std::vector<SocketAddress>& addresses, Deadline by,
               std::chrono::milliseconds stagger = std::chrono::milliseconds(250));
  ConnectFirst(const ConnectFirst&) = delete;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> h);
  Result<Connected> await_resume() { return *std::move(outcome_); }

 private:
  Task<Unit> attempt(SocketAddress to);
  void start_next();
  void on_timer() override { start_next(); }
  void on_turn_end() override;

  Loop& loop_;
  std::vector<SocketAddress> addresses_;
  Deadline by_;
  std::chrono::milliseconds stagger_;
  std::size_t next_ = 0, open_ = 0;
  std::vector<Running<Unit>> attempts_;
  std::optional<Result<Connected>> outcome_;
  bool settled_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace sally
