// check/policy_file.h - what must hold at every endpoint, as a file says it, and what is let pass until when.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "check/finding.h"
#include "check/observations.h"
#include "check/target.h"
#include "config/block_fwd.h"
#include "proto/ssh/algorithms.h"

namespace sally::check {

/// A finding that somebody has answered for.
struct Waiver {
  std::string id;      ///< of the finding
  std::string target;  ///< "example.com:443"; empty: every one
  std::string reason;
  std::string until;  ///< the last day on which it counts, "2027-01-31"

  bool operator==(const Waiver&) const = default;
  static const config::Block<Waiver>& block();
};

/// A value in hand is valid: every name in it is known.
struct Policy {
  Grade grade = Grade::none;                   ///< the worst that is taken; none: any
  std::vector<std::string> versions;           ///< that may be offered; empty: any
  std::vector<std::string> suites;             ///< the same
  std::vector<std::string> groups;             ///< the same
  std::optional<std::uint32_t> lifetime_days;  ///< of the certificate, at most
  std::optional<std::uint32_t> days_left;      ///< of the certificate, at least
  ssh::Level ssh = ssh::Level::none;           ///< of SSH algorithms; none: any
  std::vector<Waiver> ignore;

  bool operator==(const Policy&) const = default;
  static const config::Block<Policy>& block();
};

/// Errors: config.unreadable, config.syntax, config.invalid.
Result<Policy> read_policy(const std::filesystem::path& path);

/// Adds what breaks the policy (severity high: it is to fail) and marks what is waived; the grade stays what
/// it is. `findings` stay sorted.
void hold_against(const Policy& policy, const Target& target, const Observations& seen, Grade grade,
                  std::vector<Finding>& findings);

}  // namespace sally::check
