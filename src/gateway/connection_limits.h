// gateway/connection_limits.h - how many connections there are, in all and from one client address.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "net/socket_address.h"

namespace sally::gateway {

/// Shared by all cores: touched when a connection begins and ends, never between.
class ConnectionLimits {
 public:
  ConnectionLimits(std::uint32_t most, std::uint32_t most_per_address) { set(most, most_per_address); }
  /// For connections from now on.
  void set(std::uint32_t most, std::uint32_t most_per_address) {
    most_.store(most, std::memory_order_relaxed);
    most_per_address_.store(most_per_address, std::memory_order_relaxed);
  }

  enum class Verdict : std::uint8_t { admitted, too_many, too_many_of_address };
  /// An admitted client is released with the same address. Loopback is not counted by address.
  Verdict admit(const SocketAddress& client);
  void release(const SocketAddress& client);
  std::uint32_t open() const { return open_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> most_, most_per_address_;
  std::atomic<std::uint32_t> open_ = 0;
  std::mutex mutex_;  ///< guards by_address_
  std::unordered_map<std::uint64_t, std::uint32_t> by_address_;
};

}  // namespace sally::gateway
