// check/host_gate.h - what all targets at one address share: connections at once, and connections in a
// second.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "check/places.h"

namespace sally::check {

struct HostLimits {
  unsigned at_once = 40;    ///< connections to one address, of all targets together
  unsigned per_second = 0;  ///< connections to one address; 0: no limit
};

struct HostGate {
  HostGate(Loop& loop, const HostLimits& limits)
      : places(loop, limits.at_once), per_second(limits.per_second) {}

  /// When the next connection may begin; takes that moment.
  TimePoint take_slot(TimePoint now) {
    if (per_second == 0) return now;
    const TimePoint slot = std::max(now, next);
    next = slot + std::chrono::duration_cast<TimePoint::duration>(
                      std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second);
    return slot;
  }

  Places places;
  unsigned per_second;
  TimePoint next{};
};

/// One gate for each address, for as long as somebody holds it.
class HostGates {
 public:
  HostGates(Loop& loop, const HostLimits& limits) : loop_(loop), limits_(limits) {}

  std::shared_ptr<HostGate> at(const std::string& host) {
    constexpr std::size_t kSweepAt = 4096;
    if (gates_.size() >= kSweepAt)
      std::erase_if(gates_, [](const auto& one) { return one.second.expired(); });
    if (auto gate = gates_[host].lock()) return gate;
    auto fresh = std::make_shared<HostGate>(loop_, limits_);
    gates_[host] = fresh;
    return fresh;
  }

 private:
  Loop& loop_;
  HostLimits limits_;
  std::map<std::string, std::weak_ptr<HostGate>> gates_;
};

}  // namespace sally::check
