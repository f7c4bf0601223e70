// check/rule.h - what a rule is: it looks at facts, says what is wrong with them, and never touches the
// network.
#pragma once
#include <span>

#include "check/finding.h"
#include "check/observations.h"
#include "check/target.h"
#include "crypto/trust_store.h"

namespace sally::check {

/// The roots that count: those of the system and those that were named.
struct Roots {
  const crypto::TrustStore* system = nullptr;  ///< null: this machine has none
  const crypto::TrustStore* named = nullptr;   ///< null: none were named

  /// Trusted by one of them; else what the system's, or else the named one's, says.
  crypto::TrustVerdict verify(const crypto::Certificate& leaf, std::span<const crypto::Certificate> others,
                              WallTime now) const;
  /// The certificate above the first of `sent`; nullopt: it is not known, or the first is its own issuer.
  std::optional<crypto::Certificate> issuer_of(std::span<const crypto::Certificate> sent, WallTime now) const;
};

struct Case {
  const Target& target;
  const Observations& seen;
  const Roots& roots;
};

using Rule = void (*)(const Case& c, Findings& out);

/// Every rule there is, in the order of a report.
std::span<const Rule> all_rules();

}  // namespace sally::check
