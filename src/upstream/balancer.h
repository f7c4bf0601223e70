// upstream/balancer.h - which of several backends gets a request. Knows numbers only: no clock, no sockets.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sally::upstream {

enum class Policy : std::uint8_t {
  round_robin,        ///< in turn, as often as its weight says, evenly spread
  least_connections,  ///< of two at random, by weight, the one with less to do
  hash,               ///< always the same one for a key, unless it has far more to do than the others
};

/// A backend that may be chosen.
struct Candidate {
  std::size_t index = 0;     ///< of the backend in its group
  double weight = 1;         ///< more than 0
  std::uint32_t active = 0;  ///< requests that it has under way
  std::uint64_t id = 0;      ///< hash_of() its address: the same on every core and in every process
};

/// A number for a key or an address, the same everywhere and always.
std::uint64_t hash_of(std::string_view text);

/// Of one group on one core.
class Balancer {
 public:
  /// With `hash`: a backend gets no more than this many times its fair share of what is under way.
  static constexpr double kOverload = 1.25;

  /// backends  of the group, of which any may be candidates
  /// seed      for least_connections; different on each core
  Balancer(Policy policy, std::size_t backends, std::uint64_t seed);

  /// The index of one of `candidates`, which are not empty.
  /// key   with `hash`: hash_of() what requests are told apart by
  /// cost  one pass over the candidates
  std::size_t pick(std::span<const Candidate> candidates, std::uint64_t key);

 private:
  std::size_t next_in_turn(std::span<const Candidate> candidates);
  std::size_t less_busy_of_two(std::span<const Candidate> candidates);
  std::size_t random_by_weight(std::span<const Candidate> candidates, std::size_t without);
  std::uint64_t random();

  Policy policy_;
  std::vector<double> credit_;  ///< of each backend, for round_robin
  std::uint64_t random_;
};

}  // namespace sally::upstream
