// check/ike_offers.h - what a check proposes to an IPsec gateway: wide offers, offers of one thing alone, and
// shares that go with them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "check/ike_ask.h"
#include "proto/ike/phase1.h"
#include "proto/ike/transforms.h"

namespace sally::check {

/// What may be taken, by kind.
struct IkeWish {
  std::vector<ike::Transform> encryption, integrity, prf, groups, additional;

  /// All that is known here, without additional key exchanges.
  static IkeWish all();
  /// The list of a type.
  std::vector<ike::Transform>& of(std::uint8_t type);
  /// Encryption that seals for itself must stand apart from that which needs integrity (RFC 7296 3.3).
  std::vector<ike::Proposal> proposals() const;
};

/// Transforms of one type and family.
struct IkeFamily {
  std::uint8_t type = 0;
  std::vector<ike::Transform> members;
};
std::vector<IkeFamily> ike_families(std::uint8_t type);

/// IKE_SA_INIT. `share`: of the key exchange, in the group of that number.
IkeQuestion sa_init(const IkeWish& wish, std::uint16_t group, std::string share);

/// Octets that look like a share. In groups of numbers it is one, below the prime.
std::string decoy_share(std::uint16_t group);
/// A share that a peer takes: nullopt where none can be made here. Errors: crypto.call_failed.
Result<std::optional<std::string>> real_share(std::uint16_t group);

/// IKEv1's main mode, offering what is usual with keys and with certificates; `weak`: only what is weak.
IkeQuestion main_mode(bool weak);
/// Aggressive mode with a shared key, in one group.
IkeQuestion aggressive_mode(std::uint16_t group, std::string share);
bool is_weak(const ike::Phase1& taken);

}  // namespace sally::check
