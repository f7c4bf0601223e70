// net/stream.h - a connected socket on a loop: reads and writes that never block, and one place to wait.
#pragma once
#include <coroutine>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/error.h"
#include "loop/loop.h"
#include "os/fd.h"

namespace sally {

inline constexpr ErrorKind kSocket{"net.socket",
                                   Blame::peer,
                                   Retry::fresh_connection,
                                   "the connection broke",
                                   "look at the network path and at the other end's log",
                                   "",
                                   -1,
                                   0};

/// Edge-triggered, registered once: an idle connection costs no system call, and after a short read none is
/// wasted on hearing EAGAIN. One coroutine waits at a time.
class Stream final : private Pollable, private Timer, private Deferred {
 public:
  /// Why a wait ended: a set of these.
  enum Why : std::uint8_t { kReadable = 1, kWritable = 2, kWoken = 4, kTimedOut = 8 };

  Stream(Loop& loop, Fd socket) : loop_(loop), fd_(std::move(socket)) {}
  ~Stream();
  /// Joins the loop. Errors: loop.system_call.
  Result<> start();

  /// What is there now: nullopt nothing, 0 the end of the stream. Errors: net.socket.
  Result<std::optional<std::size_t>> read_now(std::span<std::byte> room);
  /// How much the kernel took, maybe nothing. Errors: net.socket.
  Result<std::size_t> write_now(Bytes bytes);
  /// No more will be sent; the peer sees the end.
  void shutdown_write();
  /// Whether the last write was cut short and no readiness came since.
  bool writable() const { return writable_; }

  /// Waits for any of `wanted` or for wake(), until `by`. Resolves to what came, kTimedOut if nothing did.
  class Until {
   public:
    Until(Stream& s, std::uint8_t wanted, Deadline by) : s_(s), wanted_(wanted), by_(by) {}
    ~Until() { s_.waiter_ = {}; }
    /// A wake() alone waits for the end of the turn: that is how a busy connection gives way to the others.
    bool await_ready() const { return (s_.state(wanted_) & ~kWoken) != 0; }
    void await_suspend(std::coroutine_handle<> h) { s_.suspend(h, wanted_, by_); }
    std::uint8_t await_resume() { return s_.take_state(wanted_); }

   private:
    Stream& s_;
    std::uint8_t wanted_;
    Deadline by_;
  };
  Until until(std::uint8_t wanted, Deadline by) { return {*this, wanted, by}; }
  /// Ends the wait at the end of this turn, with kWoken.
  void wake();

  int fd() const { return fd_.get(); }
  /// Leaves the loop and gives the socket away; nobody waits here any more.
  Fd release();

 private:
  void on_events(std::uint32_t events) override;
  void on_timer() override;
  void on_turn_end() override;
  std::uint8_t state(std::uint8_t wanted) const;
  std::uint8_t take_state(std::uint8_t wanted);
  void suspend(std::coroutine_handle<> h, std::uint8_t wanted, Deadline by);
  void resume();

  Loop& loop_;
  Fd fd_;
  std::coroutine_handle<> waiter_;
  Deadline deadline_ = kNever;  ///< of the present wait; the timer may be armed earlier and then re-arms
  TimePoint armed_at_ = kNever;
  std::uint8_t wanted_ = 0;
  bool readable_ = false, writable_ = true, hung_up_ = false, woken_ = false, timed_out_ = false;
  bool watched_ = false;
};

}  // namespace sally
