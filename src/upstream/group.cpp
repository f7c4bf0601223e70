#include "upstream/group.h"

#include <algorithm>

namespace sally::upstream {

Group::Group(const GroupTerms& terms, std::vector<MemberTerms> members,
             std::vector<std::shared_ptr<Posted>> posted, std::uint64_t seed)
    : terms_(terms), balancer_(terms.policy, members.size(), seed) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    Member& m = members_.emplace_back();
    m.id = hash_of(members[i].address);
    m.terms = std::move(members[i]);
    m.posted = std::move(posted[i]);
    m.tally = m.posted->join();
  }
}

bool Group::away(const Member& m, TimePoint now) const {
  return m.posted->draining.load(std::memory_order_relaxed) ||
         !m.posted->healthy.load(std::memory_order_relaxed) || m.ejection.ejected(now);
}

/// Notes who has come back, because that is when slow starts begin.
void Group::look(TimePoint now) {
  for (Member& m : members_) {
    const bool is_away = away(m, now);
    if (m.was_away && !is_away) m.back_since = now;
    m.was_away = is_away;
  }
}

bool Group::in_tier(const Member& m, Tier tier, TimePoint now) const {
  if (tier != Tier::last_resort) return m.terms.backup == (tier == Tier::backup) && !m.was_away;
  // Better one that failed a while ago than nobody. Who is sick or drained stays out.
  return m.ejection.ejected(now) && !m.posted->draining.load(std::memory_order_relaxed) &&
         m.posted->healthy.load(std::memory_order_relaxed);
}

double Group::weight_of(const Member& m, TimePoint now) const {
  const double weight = m.terms.weight;
  if (terms_.policy == Policy::hash || m.back_since == TimePoint{}) return weight;
  const Duration back = now - m.back_since;
  if (back >= terms_.slow_start) return weight;
  return weight * std::max(0.1, std::chrono::duration<double>(back) / terms_.slow_start);
}

bool Group::enter(std::size_t index) {
  Member& m = members_[index];
  if (m.terms.max_connections != 0 && !m.posted->enter(m.terms.max_connections)) return false;
  m.tally->requests.add();
  ++m.active;
  return true;
}

Group::Pick Group::pick(std::uint64_t key, std::optional<std::size_t> favourite, Tried tried, TimePoint now) {
  look(now);
  for (const Tier tier : {Tier::first, Tier::backup, Tier::last_resort})
    if (const Pick found = pick_from(tier, key, favourite, tried, now); found.kind != Pick::Kind::none)
      return found;
  return {};
}

Group::Pick Group::pick_from(Tier tier, std::uint64_t key, std::optional<std::size_t> favourite, Tried tried,
                             TimePoint now) {
  candidates_.clear();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const Member& m = members_[i];
    if (tried >> i & 1 || !in_tier(m, tier, now)) continue;
    if (favourite == i && enter(i)) return {Pick::Kind::member, i};
    candidates_.push_back({i, weight_of(m, now), m.active, m.id});
  }
  if (candidates_.empty()) return {};
  while (!candidates_.empty()) {
    const std::size_t index = balancer_.pick(candidates_, key);
    if (enter(index)) return {Pick::Kind::member, index};
    std::erase_if(candidates_, [&](const Candidate& c) { return c.index == index; });
  }
  return {Pick::Kind::busy};
}

void Group::ended(std::size_t index) {
  Member& m = members_[index];
  --m.active;
  m.tally->ended.add();
  if (m.terms.max_connections != 0) m.posted->leave();
}

void Group::answered(std::size_t index, Duration after) {
  Tally& tally = *members_[index].tally;
  tally.answers.add();
  tally.answer_microseconds.add(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(after).count()));
}

void Group::succeeded(std::size_t index, TimePoint now) { members_[index].ejection.succeeded(now); }

bool Group::failed(std::size_t index, TimePoint now) {
  Member& m = members_[index];
  m.tally->failures.add();
  if (!m.ejection.failed(terms_.ejection) || m.ejection.ejected(now)) return false;
  const auto out = static_cast<std::size_t>(
      std::ranges::count_if(members_, [&](const Member& other) { return other.ejection.ejected(now); }));
  const std::size_t most = std::max<std::size_t>(1, members_.size() * terms_.ejection.share_percent / 100);
  if (out >= most || out + 1 >= members_.size()) return false;
  m.ejection.eject(terms_.ejection, now);
  return true;
}

}  // namespace sally::upstream
