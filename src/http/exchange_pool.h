// http/exchange_pool.h - exchanges are used again: their arenas and lists keep their first memory.
#pragma once
#include <memory>
#include <vector>

#include "http/exchange.h"

namespace sally::http {

/// One for each core. Keeps at most `keep` spare exchanges; the rest is freed.
class ExchangePool {
 public:
  ExchangePool(std::size_t body_pipe_bytes, std::size_t keep)
      : body_pipe_bytes_(body_pipe_bytes), keep_(keep) {}

  std::unique_ptr<Exchange> take();
  void give(std::unique_ptr<Exchange> x);
  std::size_t open() const { return open_; }
  /// What the body pipe of each exchange holds: an upper bound for a stream's window.
  std::size_t body_pipe_bytes() const { return body_pipe_bytes_; }

 private:
  std::size_t body_pipe_bytes_, keep_;
  std::size_t open_ = 0;
  std::vector<std::unique_ptr<Exchange>> spare_;
};

}  // namespace sally::http
