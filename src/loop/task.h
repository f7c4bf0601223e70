// loop/task.h - a lazy coroutine that lives and dies on one core.
#pragma once
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "base/error.h"
#include "loop/slab.h"

namespace sally {

/// co_await it in the expression that made it, or hand it to Running or Scope::spawn(): never store it.
/// Frames come from the core's slab, because GCC does not elide them. T is never void: Result<Unit> says
/// more.
template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;
  explicit Task(Handle h) : h_(h) {}
  Task(Task&& o) noexcept : h_(std::exchange(o.h_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (h_) h_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  /// Runs the child here; false: it ended without waiting, so the parent goes on. Symmetric transfer would be
  /// a real tail call only at -O2 and without sanitizers, and a loop over ready tasks would eat the stack.
  bool await_suspend(std::coroutine_handle<> parent) {
    h_.resume();
    if (h_.done()) return false;
    h_.promise().parent = parent;
    return true;
  }
  T await_resume() {
    if (h_.promise().thrown) std::rethrow_exception(h_.promise().thrown);
    return std::move(*h_.promise().value);
  }

  struct promise_type {
    std::optional<T> value;
    std::exception_ptr thrown;  ///< a bug or no memory: caught at the root of a connection or a probe only
    std::coroutine_handle<> parent = std::noop_coroutine();

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct Back {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(Handle h) noexcept { return h.promise().parent; }
      void await_resume() noexcept {}
    };
    Back final_suspend() noexcept { return {}; }
    template <typename U>
    void return_value(U&& v) {
      value.emplace(std::forward<U>(v));
    }
    void unhandled_exception() noexcept { thrown = std::current_exception(); }
    static void* operator new(std::size_t n) { return FrameSlab::here().take(n); }
    static void operator delete(void* p, std::size_t n) { FrameSlab::here().give(p, n); }
  };

 private:
  template <typename>
  friend class Running;
  Handle h_;
};

/// Owns a task that was started at the root: nobody awaits it, somebody holds it. Destroying it before the
/// task ended cancels it: the frame goes, and with it every awaiter, which then leaves the loop.
/// Must not be destroyed from inside the task itself.
template <typename T>
class Running {
 public:
  Running() = default;
  explicit Running(Task<T> task) : h_(std::exchange(task.h_, {})) {}
  Running(Running&& o) noexcept : h_(std::exchange(o.h_, {})) {}
  Running& operator=(Running&& o) noexcept {
    if (this != &o) {
      reset();
      h_ = std::exchange(o.h_, {});
    }
    return *this;
  }
  ~Running() { reset(); }

  /// Runs until the first wait. `done` is resumed when the task ends (default: nobody).
  void start(std::coroutine_handle<> done = std::noop_coroutine()) {
    h_.promise().parent = done;
    h_.resume();
  }
  bool holds() const { return static_cast<bool>(h_); }
  bool done() const { return h_ && h_.done(); }
  /// The value of a task that is done(). Rethrows what the task threw.
  T take() {
    if (h_.promise().thrown) std::rethrow_exception(h_.promise().thrown);
    return std::move(*h_.promise().value);
  }
  void reset() {
    if (h_) std::exchange(h_, {}).destroy();
  }

 private:
  typename Task<T>::Handle h_{};
};

}  // namespace sally
