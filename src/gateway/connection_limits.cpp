#include "gateway/connection_limits.h"

namespace sally::gateway {

ConnectionLimits::Verdict ConnectionLimits::admit(const SocketAddress& client) {
  if (open_.fetch_add(1, std::memory_order_relaxed) >= most_.load(std::memory_order_relaxed)) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return Verdict::too_many;
  }
  const std::uint32_t most_of_one = most_per_address_.load(std::memory_order_relaxed);
  if (most_of_one == 0 || client.is_loopback()) return Verdict::admitted;
  const std::scoped_lock lock(mutex_);
  std::uint32_t& count = by_address_[client.client_key()];
  if (count >= most_of_one) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return Verdict::too_many_of_address;
  }
  ++count;
  return Verdict::admitted;
}

void ConnectionLimits::release(const SocketAddress& client) {
  open_.fetch_sub(1, std::memory_order_relaxed);
  if (client.is_loopback()) return;
  const std::scoped_lock lock(mutex_);
  const auto it = by_address_.find(client.client_key());
  if (it != by_address_.end() && --it->second == 0) by_address_.erase(it);
}

}  // namespace sally::gateway
