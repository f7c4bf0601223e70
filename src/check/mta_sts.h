// check/mta_sts.h - what a domain demands of those who send it mail (RFC 8461), and where they shall report
// (RFC 8460).
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sally::check {

inline constexpr ErrorKind kBadMtaSts{"check.bad_mta_sts",
                                      Blame::upstream,
                                      Retry::never,
                                      "the record or policy breaks its grammar, so senders pass over it",
                                      "write it as the standard has it",
                                      "RFC 8461 3",
                                      -1,
                                      0};

inline constexpr std::size_t kLongestPolicy = 64 * 1024;  ///< bytes (RFC 8461 3.3)

struct MtaStsPolicy {
  enum class Mode : std::uint8_t { none, testing, enforce };
  Mode mode = Mode::none;
  std::chrono::seconds max_age{};
  std::vector<std::string> mx;  ///< names and patterns like "*.example.com", in lower case

  /// RFC 8461 4.1: is this a host that the policy names? A star stands for one whole label, the first.
  bool covers(std::string_view host) const;
};
std::string_view mode_name(MtaStsPolicy::Mode mode);

/// `text`: the body of .well-known/mta-sts.txt, at most kLongestPolicy bytes. Errors: check.bad_mta_sts.
/// source  RFC 8461 3.2: lines end with LF or CRLF, the first of a key counts, unknown keys are passed over
Result<MtaStsPolicy> read_mta_sts_policy(std::string_view text);

/// The id of the record at _mta-sts, or empty if `txt` is none of that kind. Errors: check.bad_mta_sts.
Result<std::string> read_mta_sts_record(std::string_view txt);

/// Where reports go, of the record at _smtp._tls (RFC 8460 3); empty if `txt` is none of that kind. Errors:
/// check.bad_mta_sts.
Result<std::vector<std::string>> read_tls_rpt_record(std::string_view txt);

}  // namespace sally::check
