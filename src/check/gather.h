// check/gather.h - runs several tasks side by side on one loop and waits for all of them.
#pragma once
#include <coroutine>
#include <vector>

#include "loop/loop.h"
#include "loop/task.h"

namespace sally::check {

/// start() each, then co_await all(). Destroying it cancels those that have not ended.
class Gather final : private Deferred {
 public:
  explicit Gather(Loop& loop) : loop_(loop) {}

  void start(Task<Unit> task) {
    ++open_;
    running_.emplace_back(counted(std::move(task)));
    running_.back().start();
  }

  class All {
   public:
    explicit All(Gather& g) : g_(g) {}
    bool await_ready() const { return g_.open_ == 0; }
    void await_suspend(std::coroutine_handle<> h) { g_.waiter_ = h; }
    void await_resume() {
      // Rethrows what a task threw: a bug, told at the root.
      for (Running<Unit>& one : g_.running_) one.take();
    }

   private:
    Gather& g_;
  };
  All all() { return All(*this); }

 private:
  /// The waiter goes on at the end of the turn, never inside a task that it may destroy.
  struct Leave {
    Gather& g;
    ~Leave() {
      if (--g.open_ == 0) g.loop_.defer(g);
    }
  };
  Task<Unit> counted(Task<Unit> task);
  void on_turn_end() override {
    // One that ended before the others were started has asked for this turn end too.
    if (open_ == 0 && waiter_) std::exchange(waiter_, {}).resume();
  }

  Loop& loop_;
  std::size_t open_ = 0;
  std::coroutine_handle<> waiter_;
  std::vector<Running<Unit>> running_;
};

}  // namespace sally::check
