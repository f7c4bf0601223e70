// base/counter.h - what is counted on a hot path: one thread writes, any thread reads, nobody waits.
#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sally {

/// What is written by one core lies in a struct of its own with this alignment, so that cores do not share a
/// cache line.
inline constexpr std::size_t kCacheLine = 64;

/// Only ever grows. add() by one thread; value() by any. Costs a load and a store.
class Counter {
 public:
  void add(std::uint64_t by = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// How many durations were no longer than each of the fixed bounds. add() by one thread.
class LatencyHistogram {
 public:
  /// Microseconds; what is longer than the last lies in the bucket without a bound.
  static constexpr std::array<std::uint64_t, 12> kBounds = {
      100, 500, 1'000, 5'000, 10'000, 50'000, 100'000, 500'000, 1'000'000, 5'000'000, 10'000'000, 60'000'000};
  static constexpr std::size_t kBuckets = kBounds.size() + 1;

  void add(std::uint64_t microseconds) {
    const auto bucket = std::ranges::lower_bound(kBounds, microseconds) - kBounds.begin();
    buckets_[static_cast<std::size_t>(bucket)].add();
    sum_.add(microseconds);
  }
  /// Of this bucket alone, not of those below it.
  std::uint64_t count(std::size_t bucket) const { return buckets_[bucket].value(); }
  std::uint64_t sum_microseconds() const { return sum_.value(); }

 private:
  std::array<Counter, kBuckets> buckets_;
  Counter sum_;
};

/// A counter for each of a few names that are literals, such as the ids of errors. Names beyond kNames are
/// counted together as "other". add() by one thread; a look-up compares pointers, then texts.
class NamedCounters {
 public:
  static constexpr std::size_t kNames = 96;

  void add(std::string_view literal, std::uint64_t by = 1) {
    const std::size_t used = used_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < used; ++i)
      if (rows_[i].name == literal) return rows_[i].count.add(by);
    if (used == kNames) return other_.add(by);
    rows_[used].name = literal;
    rows_[used].count.add(by);
    used_.store(used + 1, std::memory_order_release);
  }
  /// visit(name, count) for each name that was counted.
  template <typename Visit>
  void each(Visit&& visit) const {
    const std::size_t used = used_.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < used; ++i) visit(rows_[i].name, rows_[i].count.value());
    if (other_.value() != 0) visit(std::string_view("other"), other_.value());
  }

 private:
  struct Row {
    std::string_view name;
    Counter count;
  };
  std::array<Row, kNames> rows_;
  std::atomic<std::size_t> used_ = 0;
  Counter other_;
};

}  // namespace sally
