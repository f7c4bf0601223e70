// load/histogram.h - times, counted in classes that are never wider than a thousandth of the time itself.
#pragma once
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace sally::load {

/// Log-linear, as HdrHistogram with three significant digits: exact below 2,048 ns, then 1,024 classes for
/// each doubling, up to 73 minutes; what is longer counts as that. 270 KB, filled in constant time.
class Histogram {
 public:
  Histogram();

  void record(Duration time);
  void add(const Histogram& other);

  std::uint64_t count() const { return count_; }
  Duration least() const { return count_ == 0 ? Duration::zero() : Duration(least_); }
  Duration greatest() const { return Duration(greatest_); }
  Duration mean() const;

  /// The shortest recorded time that at least `percent` of a hundred of all times do not exceed; the greatest
  /// one for 100; zero when nothing was recorded. At most a thousandth too long.
  Duration at_percentile(double percent) const;
  /// The time with `rank` - 1 shorter or equal ones before it; `rank` is brought into 1..count().
  Duration at_rank(std::uint64_t rank) const;

  /// How many times lie in from < time <= to, by the classes' upper ends.
  std::uint64_t between(Duration from, Duration to) const;

 private:
  static std::size_t place_of(std::uint64_t nanoseconds);
  static std::uint64_t upper_end(std::size_t place);

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::int64_t least_ = 0, greatest_ = 0;
};

}  // namespace sally::load
