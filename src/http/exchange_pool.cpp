#include "http/exchange_pool.h"

namespace sally::http {

std::unique_ptr<Exchange> ExchangePool::take() {
  ++open_;
  if (spare_.empty()) return std::make_unique<Exchange>(body_pipe_bytes_);
  std::unique_ptr<Exchange> x = std::move(spare_.back());
  spare_.pop_back();
  return x;
}

void ExchangePool::give(std::unique_ptr<Exchange> x) {
  --open_;
  x->recycle();
  if (spare_.size() < keep_) spare_.push_back(std::move(x));
}

}  // namespace sally::http
