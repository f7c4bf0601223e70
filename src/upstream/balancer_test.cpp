#include "upstream/balancer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace sally::upstream {
namespace {

std::vector<Candidate> backends(std::initializer_list<double> weights) {
  std::vector<Candidate> out;
  for (const double weight : weights)
    out.push_back({out.size(), weight, 0, hash_of("10.0.0." + std::to_string(out.size()) + ":80")});
  return out;
}

std::string turns(Balancer& balancer, const std::vector<Candidate>& candidates, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += static_cast<char>('A' + balancer.pick(candidates, 0));
  return out;
}

std::uint64_t client(int i) { return hash_of("192.0.2." + std::to_string(i)); }

TEST(RoundRobin, IsEvenAndSmooth) {
  Balancer equal(Policy::round_robin, 3, 1);
  EXPECT_EQ(turns(equal, backends({1, 1, 1}), 6), "ABCABC");
  Balancer weighted(Policy::round_robin, 3, 1);
  EXPECT_EQ(turns(weighted, backends({5, 1, 1}), 14), "AABACAAAABACAA") << "never all five in a row between";
}

TEST(RoundRobin, WhoIsAwayGainsNoCredit) {
  Balancer balancer(Policy::round_robin, 3, 1);
  const auto all = backends({1, 1, 1});
  const std::vector<Candidate> two = {all[0], all[2]};
  for (int i = 0; i < 1000; ++i) EXPECT_NE(balancer.pick(two, 0), 1U);
  const std::string after = turns(balancer, all, 6);
  EXPECT_EQ(std::ranges::count(after, 'B'), 2) << after;
}

TEST(LeastConnections, PrefersWhoHasLessToDo) {
  Balancer balancer(Policy::least_connections, 2, 7);
  auto two = backends({1, 1});
  two[0].active = 5;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(balancer.pick(two, 0), 1U);
}

/// Backends serve at their own pace; the queues that form tell how well requests were placed.
TEST(LeastConnections, EvensOutSlowBackends) {
  const auto longest_queue = [](Policy policy) {
    Balancer balancer(policy, 10, 42);
    auto all = backends({1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    std::uint32_t longest = 0;
    for (int tick = 0; tick < 20'000; ++tick) {
      Candidate& chosen = all[balancer.pick(all, 0)];
      longest = std::max(longest, ++chosen.active);
      // Nine finish one request each 9 ticks, one of them is ten times slower.
      for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].active > 0 && tick % (i == 0 ? 90 : 9) == static_cast<int>(i % 9)) --all[i].active;
    }
    return longest;
  };
  EXPECT_LT(longest_queue(Policy::least_connections) * 10, longest_queue(Policy::round_robin));
}

TEST(LeastConnections, WeightsCount) {
  Balancer balancer(Policy::least_connections, 3, 3);
  const auto three = backends({3, 1, 1});
  std::map<std::size_t, int> got;
  for (int i = 0; i < 10'000; ++i) ++got[balancer.pick(three, 0)];
  EXPECT_GT(got[0], got[1] * 2);
  EXPECT_GT(got[1], 500);
  EXPECT_GT(got[2], 500);
}

TEST(Hash, KeepsAKeyAtItsBackend) {
  Balancer one(Policy::hash, 5, 1), other(Policy::hash, 5, 999);
  const auto all = backends({1, 1, 1, 1, 1});
  std::map<std::size_t, int> got;
  for (int i = 0; i < 10'000; ++i) {
    const std::size_t chosen = one.pick(all, client(i));
    EXPECT_EQ(other.pick(all, client(i)), chosen) << "on every core";
    ++got[chosen];
  }
  for (const auto& [backend, count] : got) EXPECT_NEAR(count, 2000, 200) << backend;
}

TEST(Hash, OnlyTheKeysOfWhoGoesMove) {
  Balancer balancer(Policy::hash, 5, 1);
  const auto all = backends({1, 1, 1, 1, 1});
  std::vector<Candidate> four = all;
  four.erase(four.begin() + 2);
  for (int i = 0; i < 2000; ++i) {
    const std::size_t before = balancer.pick(all, client(i)), after = balancer.pick(four, client(i));
    if (before != 2) {
      EXPECT_EQ(after, before);
    }
    EXPECT_NE(after, 2U);
  }
}

TEST(Hash, WeightsAreShares) {
  Balancer balancer(Policy::hash, 2, 1);
  const auto two = backends({3, 1});
  int first = 0;
  for (int i = 0; i < 10'000; ++i) first += balancer.pick(two, client(i)) == 0;
  EXPECT_NEAR(first, 7500, 300);
}

TEST(Hash, OneKeyCannotOverloadABackend) {
  Balancer balancer(Policy::hash, 4, 1);
  auto all = backends({1, 1, 1, 1});
  const std::size_t home = balancer.pick(all, client(1));
  for (int i = 0; i < 400; ++i) ++all[balancer.pick(all, client(1))].active;
  for (const Candidate& c : all) EXPECT_LE(c.active, 126U);
  EXPECT_GE(all[home].active, 120U) << "and its own backend has all that it may have";
}

}  // namespace
}  // namespace sally::upstream
