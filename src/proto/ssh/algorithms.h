// proto/ssh/algorithms.h - what is known of the algorithms that SSH servers offer: how strong, since when
// they are given up, and who says so.
#pragma once
#include <cstdint>
#include <string_view>

namespace sally::ssh {

enum class Use : std::uint8_t { kex, host_key, cipher, mac };

enum class Strength : std::uint8_t {
  sound,
  old,     ///< better ones are everywhere
  weak,    ///< below 112 bits, or of a design that attacks use
  broken,  ///< it can be attacked in practice, or protects nothing
};

/// Who takes it. A stricter policy is part of the laxer one.
enum class Level : std::uint8_t { hardened, intermediate, none };

struct AlgorithmFacts {
  Use use;
  std::string_view name;
  Strength strength;
  Level level;
  bool post_quantum;
  std::string_view why;     ///< in words, with since when; empty: it is sound
  std::string_view source;  ///< empty: it is sound
};

/// Null: nobody here knows it.
const AlgorithmFacts* algorithm_facts(Use use, std::string_view name);

/// Stands in a list without being an algorithm, such as ext-info-s (RFC 8308) and
/// kex-strict-s-v00@openssh.com.
bool is_marker(std::string_view name);

}  // namespace sally::ssh
