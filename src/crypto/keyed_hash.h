// crypto/keyed_hash.h - a hash for tables whose keys a stranger chooses: without the key nobody finds
// collisions.
#pragma once
#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace sally::crypto {

/// SipHash-2-4 under a random key. Not for anything that leaves the process.
class KeyedHash {
 public:
  KeyedHash();
  std::uint64_t operator()(Bytes bytes) const;

 private:
  std::array<std::uint64_t, 2> key_{};
};

}  // namespace sally::crypto
