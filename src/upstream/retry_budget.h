// upstream/retry_budget.h - how many requests may be on their second try: retries must not become the load
// that kills.
#pragma once
#include <algorithm>
#include <cstdint>

namespace sally::upstream {

/// Of one group of backends on one core. Counts what is under way; there is no clock in it.
class RetryBudget {
 public:
  /// percent  of the requests under way that may be retries
  /// least    as many may be in any case
  RetryBudget(std::uint32_t percent, std::uint32_t least) : percent_(percent), least_(least) {}

  /// A request came; `ended` follows.
  void began() { ++under_way_; }
  void ended() { --under_way_; }
  /// True: try again, and call retry_ended() afterwards.
  bool try_again() {
    const std::uint64_t most = std::max<std::uint64_t>(least_, under_way_ * percent_ / 100);
    if (retries_ >= most) return false;
    ++retries_;
    return true;
  }
  void retry_ended() { --retries_; }

 private:
  std::uint64_t under_way_ = 0, retries_ = 0;
  std::uint32_t percent_, least_;
};

}  // namespace sally::upstream
