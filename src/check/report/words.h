// check/report/words.h - numbers and dates of a report in words, the same in every form.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "check/finding.h"
#include "check/observations.h"
#include "crypto/certificate.h"

namespace sally::check {

inline constexpr Severity kSeverities[] = {Severity::critical, Severity::high, Severity::medium,
                                           Severity::low, Severity::info};

/// "X25519MLKEM768"; the number in hexadecimal digits for one that is not registered.
std::string group_name(std::uint16_t code);
std::vector<std::string> group_names(std::span<const std::uint16_t> codes);
/// The suites of a version, those of SSL 2.0 by number.
std::vector<std::string> suite_names(const VersionSeen& v);
/// "2026-11-21", in UTC.
std::string day(WallTime t);
/// "2026-11-21T07:00:00Z".
std::string instant(WallTime t);
/// DNS names, then addresses.
std::vector<std::string> all_names(const crypto::Certificate& leaf);
/// The common name of the subject, else the whole subject.
std::string short_subject(const crypto::Certificate& c);

}  // namespace sally::check
