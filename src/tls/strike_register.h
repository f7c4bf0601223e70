// tls/strike_register.h - remembers which tickets were used for early data, so that a copy of it is not taken
// again.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_set>

#include "base/bytes.h"

namespace sally::tls {

/// One for the process; thread-safe. A ClientHello with early data is taken by the TLS library only within a
/// minute of the time that it names itself (RFC 8446 8.3), so a ticket need be remembered only for as long as
/// a copy could look fresh. Never forgets earlier: when it is full, or the clock goes back, early data is
/// refused.
///
/// source  RFC 8446 8.1, 8.2
/// cost    a digest and a lock of one of kShards; about 64 bytes for each ticket
class StrikeRegister {
 public:
  static constexpr std::int64_t kRemembered = 150;  ///< seconds: a minute before and after, and some

  /// most  tickets that are remembered
  explicit StrikeRegister(std::size_t most = 100'000) { limit(most); }
  /// Of what is remembered from now on.
  void limit(std::size_t most);

  using Mark = std::array<std::uint64_t, 2>;
  /// Of a ticket as it was sent.
  static Mark mark_of(Bytes ticket);
  /// True once for each ticket, or never.
  /// now  seconds since 1970, by the clock that the TLS library looks at
  bool first_use(const Mark& mark, std::int64_t now);

 private:
  static constexpr std::size_t kShards = 16;
  struct Hash {
    std::size_t operator()(const Mark& mark) const { return mark[0]; }
  };
  using Marks = std::unordered_set<Mark, Hash>;
  /// Marks of two times that follow each other; the older is forgotten as a whole.
  struct Shard {
    std::mutex mutex;
    Marks fresh, older;
    std::int64_t since = 0, latest = 0;
  };

  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> most_of_a_shard_ = 0;
};

/// Where an SSL object keeps a pointer to the StrikeRegister that its early data needs; none: early data is
/// off.
int strike_register_index();

}  // namespace sally::tls
