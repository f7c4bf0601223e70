// loop/sleep.h - waiting for a time, and giving the others a turn.
#pragma once
#include <coroutine>

#include "loop/loop.h"

namespace sally {

/// co_await Sleep(loop, at)
class Sleep final : private Timer {
 public:
  Sleep(Loop& loop, TimePoint at) : loop_(loop), at_(at) {}
  bool await_ready() const { return at_ <= loop_.now(); }
  void await_suspend(std::coroutine_handle<> h) {
    waiter_ = h;
    loop_.arm(*this, at_);
  }
  void await_resume() const {}

 private:
  void on_timer() override { waiter_.resume(); }
  Loop& loop_;
  TimePoint at_;
  std::coroutine_handle<> waiter_;
};

}  // namespace sally
