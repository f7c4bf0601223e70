// base/time.h - the two clocks: one that only goes forward, for deadlines; one that tells the date.
#pragma once
#include <chrono>
#include <cstdint>

namespace sally {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;
/// Seconds since 1970 in UTC, for dates that people and certificates read.
using WallClock = std::chrono::system_clock;
using WallTime = WallClock::time_point;

/// A moment after which a wait has failed. Every wait has one.
using Deadline = TimePoint;
inline constexpr Deadline kNever = TimePoint::max();

}  // namespace sally
