// loop/offload.h - work that blocks runs on a few threads of its own, and its result comes back to the loop.
#pragma once
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include "loop/loop.h"

namespace sally {

/// Shared by all loops. Must outlive them: it is joined after the last loop has ended.
class OffloadPool {
 public:
  explicit OffloadPool(unsigned threads);
  OffloadPool(const OffloadPool&) = delete;
  OffloadPool& operator=(const OffloadPool&) = delete;
  /// Finishes what runs, drops what waits.
  ~OffloadPool();

  /// From any thread. The queue is bounded by what waits for it: each exchange has at most one job.
  void submit(std::move_only_function<void()> job);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::move_only_function<void()>> jobs_;
  bool closing_ = false;
  std::vector<std::jthread> threads_;
};

/// co_await offload(loop, f): runs f() on a thread of loop.pool() and resumes on `loop` with its value. `f`
/// owns all it touches, because the waiting coroutine may be cancelled while f runs: its result is then
/// dropped. Without a pool f runs at once, here: for tests. Name a lambda that captures anything before it is
/// passed: GCC 12 destroys such a temporary twice when it stands in the expression that is awaited.
template <typename F>
class Offload {
 public:
  using Value = std::invoke_result_t<F&>;
  Offload(Loop& loop, F f) : loop_(loop), job_(std::make_shared<Job>(std::move(f))) {}
  Offload(const Offload&) = delete;
  Offload& operator=(const Offload&) = delete;
  ~Offload() { job_->waiter = {}; }

  bool await_ready() {
    if (loop_.pool() == nullptr) job_->value.emplace(job_->f());
    return job_->value.has_value();
  }
  void await_suspend(std::coroutine_handle<> h) {
    job_->waiter = h;
    loop_.pool()->submit([job = job_, &loop = loop_] {
      job->value.emplace(job->f());
      loop.post([job] {
        if (job->waiter) job->waiter.resume();
      });
    });
  }
  Value await_resume() { return std::move(*job_->value); }

 private:
  struct Job {
    explicit Job(F fn) : f(std::move(fn)) {}
    F f;
    std::optional<Value> value;
    std::coroutine_handle<> waiter;  ///< touched on the loop's thread only
  };
  Loop& loop_;
  std::shared_ptr<Job> job_;
};

template <typename F>
Offload<F> offload(Loop& loop, F f) {
  return Offload<F>(loop, std::move(f));
}

}  // namespace sally
