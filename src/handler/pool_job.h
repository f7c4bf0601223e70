// handler/pool_job.h - work on the offload pool for objects that are no coroutines, such as bodies.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "loop/offload.h"

namespace sally::handler {

/// Runs one job at a time and hands its value over on the loop's thread. Destroyed while a job runs: the
/// value is dropped. So the job owns all it touches.
template <typename T>
class PoolJob {
 public:
  PoolJob() = default;
  PoolJob(const PoolJob&) = delete;
  PoolJob& operator=(const PoolJob&) = delete;
  ~PoolJob() {
    if (state_) state_->done = nullptr;
  }

  bool running() const { return state_ != nullptr; }

  /// Without a pool `job` runs and `done` is called before this returns.
  template <typename F>
  void start(Loop& loop, F job, std::move_only_function<void(T)> done) {
    if (loop.pool() == nullptr) return done(job());
    state_ = std::make_shared<State>();
    state_->done = [this, done = std::move(done)](T value) mutable {
      state_.reset();
      done(std::move(value));
    };
    loop.pool()->submit([state = state_, &loop, job = std::move(job)]() mutable {
      state->value.emplace(job());
      loop.post([state = std::move(state)] {
        if (!state->done) return;
        auto call = std::move(state->done);
        call(std::move(*state->value));
      });
    });
  }

 private:
  struct State {
    std::optional<T> value;
    std::move_only_function<void(T)> done;  ///< touched on the loop's thread only
  };
  std::shared_ptr<State> state_;
};

}  // namespace sally::handler
