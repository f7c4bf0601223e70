// upstream/gate.h - where coroutines of one core wait until somebody else has done what all of them need.
#pragma once
#include <algorithm>
#include <coroutine>
#include <utility>
#include <vector>

#include "loop/loop.h"

namespace sally::upstream {

/// co_await gate.wait(): goes on at the end of the turn in which open() was called. Destroying what waits
/// leaves the gate.
class Gate final : private Deferred {
 public:
  explicit Gate(Loop& loop) : loop_(loop) {}

  class Wait {
   public:
    explicit Wait(Gate& gate) : gate_(gate) {}
    Wait(const Wait&) = delete;
    ~Wait() { std::erase(gate_.waiters_, handle_); }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> h) {
      handle_ = h;
      gate_.waiters_.push_back(h);
    }
    void await_resume() {}

   private:
    Gate& gate_;
    std::coroutine_handle<> handle_;
  };
  Wait wait() { return Wait(*this); }
  void open() {
    if (!waiters_.empty()) loop_.defer(*this);
  }

 private:
  void on_turn_end() override {
    // One of them may leave when another goes on; one that comes anew waits for the next time.
    for (std::size_t n = waiters_.size(); n > 0 && !waiters_.empty(); --n) {
      const std::coroutine_handle<> first = waiters_.front();
      waiters_.erase(waiters_.begin());
      first.resume();
    }
  }

  Loop& loop_;
  std::vector<std::coroutine_handle<>> waiters_;
};

}  // namespace sally::upstream
