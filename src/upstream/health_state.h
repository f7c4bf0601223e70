// upstream/health_state.h - from single checks to a verdict: so many good ones in a row, so many bad ones.
#pragma once
#include <cstdint>

namespace sally::upstream {

/// One backend. It begins as healthy, so that a start does not wait for checks; the very first check counts
/// alone.
class HealthState {
 public:
  /// rise, fall  checks in a row, 1 or more
  /// healthy     what is known from before
  HealthState(std::uint32_t rise, std::uint32_t fall, bool healthy = true)
      : rise_(rise), fall_(fall), healthy_(healthy) {}

  bool healthy() const { return healthy_; }
  /// True: the verdict has changed.
  bool note(bool good) {
    against_ = good == healthy_ ? 0 : against_ + 1;
    const std::uint32_t enough = first_ ? 1 : healthy_ ? fall_ : rise_;
    first_ = false;
    if (against_ < enough) return false;
    healthy_ = good;
    against_ = 0;
    return true;
  }

 private:
  std::uint32_t rise_, fall_;
  std::uint32_t against_ = 0;  ///< checks in a row that speak against the verdict
  bool healthy_, first_ = true;
};

}  // namespace sally::upstream
