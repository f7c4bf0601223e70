// check/hsts.h - reads Strict-Transport-Security as strictly as the standard, and says what is wrong with it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sally::check {

struct Hsts {
  std::optional<std::uint64_t> max_age;  ///< seconds; absent: missing or not a number
  bool include_subdomains = false;
  bool preload = false;
  std::vector<std::string> faults;  ///< a browser may then ignore the header; sentences

  /// Browsers obey it: no fault that the standard calls one, and a max-age.
  bool valid() const { return faults.empty() && max_age.has_value(); }
  /// What hstspreload.org demands of the header (a year, includeSubDomains, preload).
  bool preload_ready() const;
};

/// source  RFC 6797 6.1: directives once each, names case-insensitive, max-age required; unknown ones are
/// ignored
Hsts parse_hsts(std::string_view value);

}  // namespace sally::check
