// loop/loop.h - one event loop for each core: readiness, deadlines, work for later in the turn, messages from
// other cores.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace sally {

inline constexpr ErrorKind kLoopSystem{"loop.system_call",
                                       Blame::system,
                                       Retry::never,
                                       "the kernel refused a call that the event loop needs",
                                       "read the call and the reason in the detail; raise the limit it names",
                                       "",
                                       -1,
                                       503};

class Loop;
class OffloadPool;

/// What a watched file descriptor calls. Edge-triggered: read or write until the kernel says EAGAIN.
struct Pollable {
  /// `events` are epoll's: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~Pollable() = default;
};

/// Work for the end of this turn of the loop, once however often it is asked for. Leaves the loop when
/// destroyed.
class Deferred {
 public:
  Deferred() = default;
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;
  virtual void on_turn_end() = 0;

 protected:
  virtual ~Deferred() { unlink(); }

 private:
  friend class Loop;
  void unlink();
  Deferred *next_ = nullptr, *previous_ = nullptr;
};

/// A call at a time. Leaves the loop when destroyed.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual void on_timer() = 0;
  bool armed() const { return loop_ != nullptr; }

 protected:
  virtual ~Timer();

 private:
  friend class Loop;
  Loop* loop_ = nullptr;
  std::size_t place_ = 0;  ///< in the loop's heap
  TimePoint at_{};
};

/// Not thread-safe but for post() and stop(). Everything else is called on the thread that runs it.
class Loop {
 public:
  /// `pool` may be null when nothing is offloaded. Errors: loop.system_call.
  static Result<std::unique_ptr<Loop>> make(OffloadPool* pool = nullptr);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// Turns until stop(). Each turn: events, messages, timers, deferred work.
  void run();
  /// Turns once; waits for at most `longest`. For tests and drains.
  void turn(Duration longest);
  void stop();

  /// The time at the beginning of this turn.
  TimePoint now() const { return now_; }
  /// Seconds since 1970 at the beginning of this turn.
  std::int64_t unix_now() const { return unix_now_; }

  /// Edge-triggered EPOLLIN, EPOLLOUT, EPOLLRDHUP of `fd` from now on. Errors: loop.system_call.
  Result<> watch(int fd, Pollable& pollable);
  /// Level-triggered EPOLLIN, for accepting: what is left over is told again.
  Result<> watch_level(int fd, Pollable& pollable);
  /// Before the descriptor is closed. No event that already came is delivered any more.
  void unwatch(int fd, Pollable& pollable);

  void arm(Timer& timer, TimePoint at);
  void disarm(Timer& timer);
  void defer(Deferred& work);
  /// Runs `message` on this loop's thread. From any thread. What is posted after the loop ended is dropped.
  void post(std::move_only_function<void()> message);

  OffloadPool* pool() const { return pool_; }

 private:
  explicit Loop(int epoll, int wake_fd, OffloadPool* pool);
  Result<> add(int fd, std::uint32_t events, Pollable* pollable);
  void read_clock();
  int wait_milliseconds(Duration longest) const;
  void dispatch(int count);
  void take_messages();
  void run_timers();
  void run_deferred();
  void sift_up(std::size_t place);
  void sift_down(std::size_t place);
  void put(std::size_t place, Timer* timer);

  static constexpr int kBatch = 256;
  struct Ready;

  int epoll_, wake_fd_;
  OffloadPool* pool_;
  std::unique_ptr<Ready> ready_;
  TimePoint now_{};
  std::int64_t unix_now_ = 0;
  std::vector<Timer*> heap_;
  struct Head final : Deferred {
    void on_turn_end() override {}
  } deferred_;
  bool stopping_ = false;

  std::mutex mutex_;  ///< guards messages_ only
  std::vector<std::move_only_function<void()>> messages_;
};

}  // namespace sally
