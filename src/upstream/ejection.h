// upstream/ejection.h - when a backend that fails is left alone, and for how long. Knows no other backend and
// no clock.
#pragma once
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace sally::upstream {

/// A value in hand is valid.
struct EjectionTerms {
  std::uint32_t failures = 3;  ///< in a row; 0: never
  std::chrono::milliseconds first = std::chrono::seconds(10);
  std::chrono::milliseconds longest = std::chrono::minutes(5);  ///< each time is twice the one before
  std::uint32_t share_percent =
      50;  ///< of a group that may be ejected at a time; one always may, the last never

  bool operator==(const EjectionTerms&) const = default;
};

/// One backend. When its time is over it is tried again: one success and it is as before, one failure and it
/// is left alone for twice as long.
class Ejection {
 public:
  bool ejected(TimePoint now) const { return now < until_; }
  /// True: there were enough failures; eject() if the group can spare it.
  bool failed(const EjectionTerms& terms);
  void succeeded(TimePoint now);
  void eject(const EjectionTerms& terms, TimePoint now);

 private:
  std::uint32_t failures_ = 0;
  std::uint32_t times_ = 0;  ///< ejected, with no long good spell between
  Duration last_{};
  TimePoint until_{};
};

}  // namespace sally::upstream
