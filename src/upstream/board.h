// upstream/board.h - what all cores know of each backend: whether it is well, whether it is being emptied,
// how much it does. Lives as long as the process, so that a reload forgets nothing of it.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/counter.h"

namespace sally::upstream {

/// What one core has asked of a backend. Written by that core, read by any.
struct alignas(kCacheLine) Tally {
  Counter requests, ended, failures;
  Counter answers;              ///< final heads that came
  Counter answer_microseconds;  ///< from the choice of the backend to them, all together
};

/// One backend of one group, as all cores know it.
class Posted {
 public:
  std::atomic<bool> draining = false;  ///< gets no new requests
  std::atomic<bool> healthy = true;    ///< by health checks; true where there are none
  std::atomic<bool> checked = false;   ///< somebody makes those checks

  /// Takes one of `most` places that all cores share, if one is free. Undone by leave().
  bool enter(std::uint32_t most);
  void leave() { taken_.fetch_sub(1, std::memory_order_relaxed); }

  /// For one more core. Thread-safe.
  std::shared_ptr<Tally> join();
  struct Totals {
    std::uint64_t requests = 0, active = 0, failures = 0, answers = 0, answer_microseconds = 0;
  };
  /// Of all cores, also of those that are no more. Thread-safe.
  Totals totals();

 private:
  std::atomic<std::uint32_t> taken_ = 0;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Tally>> tallies_;
  Totals past_;  ///< of tallies that nobody writes any more
};

/// Thread-safe. Look-ups are for the making of groups and for commands, not for requests.
class Board {
 public:
  Board();
  struct Row {
    std::string group, address;
    std::shared_ptr<Posted> posted;
  };

  /// Made when it is asked for the first time; forgotten when nobody holds it any more.
  std::shared_ptr<Posted> find(const std::string& group, const std::string& address);
  /// Each backend that somebody holds, by group and address.
  std::vector<Row> rows();
  /// Random, and the same for as long as the board lives.
  const std::string& secret() const { return secret_; }
  /// All backends of that address, also those that come later. How many there are now.
  std::size_t drain(const std::string& address, bool on);

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::weak_ptr<Posted>> all_;
  std::set<std::string> draining_;
  std::string secret_;
};

}  // namespace sally::upstream
