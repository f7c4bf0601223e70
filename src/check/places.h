// check/places.h - a bounded number of places and a line before them: how many connections may be open at
// once.
#pragma once
#include <coroutine>
#include <deque>

#include "loop/loop.h"

namespace sally::check {

/// co_await places.turn(), later leave(). First come, first served.
class Places final : private Deferred {
 public:
  Places(Loop& loop, unsigned limit) : loop_(loop), limit_(limit) {}
  Places(const Places&) = delete;

  class Turn {
   public:
    explicit Turn(Places& p) : p_(p) {}
    Turn(const Turn&) = delete;
    ~Turn() {
      if (handle_) std::erase(p_.waiting_, handle_);
    }
    bool await_ready() const {
      if (p_.open_ >= p_.limit_ || !p_.waiting_.empty()) return false;
      ++p_.open_;
      return true;
    }
    void await_suspend(std::coroutine_handle<> h) { p_.waiting_.push_back(handle_ = h); }
    void await_resume() const {}

   private:
    Places& p_;
    std::coroutine_handle<> handle_;
  };
  Turn turn() { return Turn(*this); }

  void leave() {
    --open_;
    if (!waiting_.empty()) loop_.defer(*this);
  }
  unsigned limit() const { return limit_; }
  void limit(unsigned most) { limit_ = most; }

 private:
  void on_turn_end() override {
    while (!waiting_.empty() && open_ < limit_) {
      const auto next = waiting_.front();
      waiting_.pop_front();
      ++open_;
      next.resume();
    }
  }

  Loop& loop_;
  unsigned limit_, open_ = 0;
  std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace sally::check
