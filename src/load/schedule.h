// load/schedule.h - when each request of a fixed rate is due, whatever the server does.
#pragma once
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace sally::load {

/// An open loop: request n is due at start + n / rate, and its time is counted from then, not from when a
/// connection was free for it. A server that stops for a second so shows up in a second's worth of requests
/// and not in one ("coordinated omission"). Threads share a rate by taking turns in it.
class Schedule {
 public:
  /// rate    a second, of all threads; > 0
  /// thread  of 0..threads-1
  Schedule(TimePoint start, double rate, unsigned thread, unsigned threads)
      : start_(start), gap_(1e9 / rate), next_(thread), step_(threads) {}

  /// When the next one is due.
  TimePoint due() const {
    return start_ + Duration(static_cast<Duration::rep>(gap_ * static_cast<double>(next_)));
  }
  /// The next one's due time if that is not after `now`; it is then done with.
  std::optional<TimePoint> take(TimePoint now) {
    const TimePoint at = due();
    if (at > now) return std::nullopt;
    next_ += step_;
    return at;
  }
  /// How many are due from `now` on and before `end`, or were due and are not taken.
  std::uint64_t left_before(TimePoint end) const {
    std::uint64_t left = 0;
    for (Schedule rest = *this; rest.due() < end; rest.next_ += rest.step_) ++left;
    return left;
  }

 private:
  TimePoint start_;
  double gap_;  ///< nanoseconds
  std::uint64_t next_;
  std::uint64_t step_;
};

}  // namespace sally::load
