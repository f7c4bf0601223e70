#include "upstream/balancer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sally::upstream {
namespace {

/// Spreads every bit over all others (the finaliser of splitmix64).
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// From 0 to 1, neither of them.
double unit(std::uint64_t x) { return (static_cast<double>(x >> 11) + 0.5) * 0x1p-53; }

double total_weight(std::span<const Candidate> candidates) {
  double total = 0;
  for (const Candidate& c : candidates) total += c.weight;
  return total;
}

/// Rendezvous hashing with weights: whoever scores highest for a key has it, and only the keys of a backend
/// that goes move. One that has its fair share and a quarter is passed over, so that no key can overload a
/// backend.
std::size_t highest_score(std::span<const Candidate> candidates, std::uint64_t key) {
  const double weights = total_weight(candidates);
  double load = 1;
  for (const Candidate& c : candidates) load += c.active;
  std::size_t best = candidates.front().index;
  double best_score = -1;
  for (const Candidate& c : candidates) {
    if (c.active >= std::ceil(Balancer::kOverload * load * c.weight / weights)) continue;
    const double score = -c.weight / std::log(unit(mixed(key ^ mixed(c.id))));
    if (score <= best_score) continue;
    best = c.index;
    best_score = score;
  }
  return best;
}

}  // namespace

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325;  // FNV-1a, then mixed because its high bits are weak
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return mixed(h);
}

Balancer::Balancer(Policy policy, std::size_t backends, std::uint64_t seed)
    : policy_(policy), credit_(backends, 0.0), random_(seed) {}

std::size_t Balancer::pick(std::span<const Candidate> candidates, std::uint64_t key) {
  if (candidates.size() == 1) return candidates.front().index;
  switch (policy_) {
    case Policy::round_robin:
      return next_in_turn(candidates);
    case Policy::least_connections:
      return less_busy_of_two(candidates);
    case Policy::hash:
      return highest_score(candidates, key);
  }
  return candidates.front().index;
}

/// Each gains its weight, the richest is chosen and pays for all: 3:1 gives A A B A, not A A A B.
std::size_t Balancer::next_in_turn(std::span<const Candidate> candidates) {
  std::size_t best = candidates.front().index;
  double richest = -std::numeric_limits<double>::infinity();
  for (const Candidate& c : candidates) {
    credit_[c.index] += c.weight;
    if (credit_[c.index] <= richest) continue;
    richest = credit_[c.index];
    best = c.index;
  }
  credit_[best] -= total_weight(candidates);
  return best;
}

std::size_t Balancer::less_busy_of_two(std::span<const Candidate> candidates) {
  const std::size_t none = candidates.size();
  const std::size_t first = random_by_weight(candidates, none), second = random_by_weight(candidates, first);
  const auto load = [&](std::size_t i) { return candidates[i].active / candidates[i].weight; };
  return candidates[load(second) < load(first) ? second : first].index;
}

std::size_t Balancer::random_by_weight(std::span<const Candidate> candidates, std::size_t without) {
  double total = total_weight(candidates);
  if (without < candidates.size()) total -= candidates[without].weight;
  double at = unit(random()) * total;
  std::size_t last = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i == without) continue;
    last = i;
    at -= candidates[i].weight;
    if (at < 0) break;
  }
  return last;
}

std::uint64_t Balancer::random() {
  random_ += 0x9e3779b97f4a7c15;
  return mixed(random_);
}

}  // namespace sally::upstream
