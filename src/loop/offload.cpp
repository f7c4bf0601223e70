#include "loop/offload.h"

namespace sally {

OffloadPool::OffloadPool(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back(&OffloadPool::work, this);
}

OffloadPool::~OffloadPool() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
    jobs_.clear();
  }
  filled_.notify_all();
}

void OffloadPool::submit(std::move_only_function<void()> job) {
  {
    const std::scoped_lock lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  filled_.notify_one();
}

void OffloadPool::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (closing_) return;
    std::move_only_function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
  }
}

}  // namespace sally
