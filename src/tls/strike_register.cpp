#include "tls/strike_register.h"

#include <algorithm>
#include <cstring>

#include "crypto/digest.h"
#include "crypto/owned.h"

namespace sally::tls {
namespace {

constexpr std::int64_t kSlack = 2;  ///< seconds that threads and a clock that is put right may differ by

}  // namespace

void StrikeRegister::limit(std::size_t most) { most_of_a_shard_ = std::max<std::size_t>(most / kShards, 1); }

StrikeRegister::Mark StrikeRegister::mark_of(Bytes ticket) {
  const auto digest = crypto::sha256(ticket);
  Mark mark;
  std::memcpy(mark.data(), digest.data(), sizeof mark);
  return mark;
}

bool StrikeRegister::first_use(const Mark& mark, std::int64_t now) {
  Shard& shard = shards_[mark[1] % kShards];
  const std::scoped_lock lock(shard.mutex);
  // A clock that went back makes old ones look fresh again.
  if (now < shard.latest - kSlack) return false;
  now = shard.latest = std::max(now, shard.latest);
  if (now - shard.since >= kRemembered) {
    shard.older.clear();
    if (now - shard.since < 2 * kRemembered) shard.older.swap(shard.fresh);
    shard.fresh.clear();
    shard.since = now;
  }
  if (shard.older.contains(mark)) return false;
  if (shard.fresh.size() + shard.older.size() >= most_of_a_shard_) return false;
  return shard.fresh.insert(mark).second;
}

int strike_register_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace sally::tls
