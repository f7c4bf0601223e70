#include "upstream/board.h"

#include "base/bytes.h"
#include "crypto/entropy.h"

namespace sally::upstream {

bool Posted::enter(std::uint32_t most) {
  std::uint32_t now = taken_.load(std::memory_order_relaxed);
  do {
    if (now >= most) return false;
  } while (!taken_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
  return true;
}

std::shared_ptr<Tally> Posted::join() {
  const std::lock_guard lock(mutex_);
  return tallies_.emplace_back(std::make_shared<Tally>());
}

Posted::Totals Posted::totals() {
  const std::lock_guard lock(mutex_);
  std::erase_if(tallies_, [&](const std::shared_ptr<Tally>& t) {
    if (t.use_count() > 1) return false;
    past_.requests += t->requests.value();
    past_.failures += t->failures.value();
    past_.answers += t->answers.value();
    past_.answer_microseconds += t->answer_microseconds.value();
    return true;
  });
  Totals out = past_;
  for (const auto& t : tallies_) {
    const std::uint64_t ended =
        t->ended.value();  // first: a request that ends between the two reads is still there
    out.requests += t->requests.value();
    out.failures += t->failures.value();
    out.answers += t->answers.value();
    out.answer_microseconds += t->answer_microseconds.value();
    out.active += t->requests.value() - ended;
  }
  return out;
}

Board::Board() {
  const auto octets = crypto::random_bytes<32>();
  secret_ = as_text(Bytes(octets));
}

std::shared_ptr<Posted> Board::find(const std::string& group, const std::string& address) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<Posted>& known = all_[{group, address}];
  std::shared_ptr<Posted> posted = known.lock();
  if (!posted) {
    posted = std::make_shared<Posted>();
    posted->draining = draining_.contains(address);
    known = posted;
  }
  return posted;
}

std::vector<Board::Row> Board::rows() {
  const std::lock_guard lock(mutex_);
  std::erase_if(all_, [](const auto& entry) { return entry.second.expired(); });
  std::vector<Row> out;
  for (const auto& [key, known] : all_)
    if (auto posted = known.lock()) out.push_back({key.first, key.second, std::move(posted)});
  return out;
}

std::size_t Board::drain(const std::string& address, bool on) {
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    if (on)
      draining_.insert(address);
    else
      draining_.erase(address);
  }
  for (const Row& row : rows()) {
    if (row.address != address) continue;
    row.posted->draining = on;
    ++count;
  }
  return count;
}

}  // namespace sally::upstream
