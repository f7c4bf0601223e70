#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sally::load {
namespace {

constexpr unsigned kDigits = 11;  ///< binary ones kept: 2,048 classes tell a thousandth apart
constexpr std::size_t kHalf = std::size_t{1} << (kDigits - 1);
constexpr unsigned kLongestBits = 42;
constexpr std::uint64_t kLongest = (std::uint64_t{1} << kLongestBits) - 1;
constexpr std::size_t kPlaces = kHalf * (kLongestBits - kDigits + 2);

}  // namespace

Histogram::Histogram() : counts_(kPlaces) {}

std::size_t Histogram::place_of(std::uint64_t nanoseconds) {
  const unsigned bits = static_cast<unsigned>(std::bit_width(nanoseconds));
  const unsigned shift = bits > kDigits ? bits - kDigits : 0;
  return kHalf * shift + static_cast<std::size_t>(nanoseconds >> shift);
}

std::uint64_t Histogram::upper_end(std::size_t place) {
  if (place < 2 * kHalf) return place;
  const std::size_t shift = place / kHalf - 1;
  const std::uint64_t top = place - kHalf * shift;
  return ((top + 1) << shift) - 1;
}

void Histogram::record(Duration time) {
  const std::int64_t plain =
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count(), 0);
  ++counts_[place_of(std::min(static_cast<std::uint64_t>(plain), kLongest))];
  least_ = count_ == 0 ? plain : std::min(least_, plain);
  greatest_ = std::max(greatest_, plain);
  ++count_;
  sum_ += static_cast<double>(plain);
}

void Histogram::add(const Histogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
  greatest_ = std::max(greatest_, other.greatest_);
  count_ += other.count_;
  sum_ += other.sum_;
}

Duration Histogram::mean() const {
  return count_ == 0 ? Duration::zero()
                     : Duration(static_cast<std::int64_t>(sum_ / static_cast<double>(count_)));
}

Duration Histogram::at_percentile(double percent) const {
  return at_rank(static_cast<std::uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_))));
}

Duration Histogram::at_rank(std::uint64_t rank) const {
  if (count_ == 0) return Duration::zero();
  const std::uint64_t wanted = std::clamp<std::uint64_t>(rank, 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted)
      return Duration(std::min(static_cast<std::int64_t>(std::min(upper_end(i), kLongest)), greatest_));
  }
  return greatest();
}

std::uint64_t Histogram::between(Duration from, Duration to) const {
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const auto end = static_cast<std::int64_t>(upper_end(i));
    if (counts_[i] != 0 && end > from.count() && end <= to.count()) found += counts_[i];
  }
  return found;
}

}  // namespace sally::load
