// check/csp.h - reads Content-Security-Policy as browsers do, and says what it keeps out.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sally::check {

struct Csp {
  using Sources = std::vector<std::string>;
  /// Names in lower case, each once: a browser ignores a second one.
  std::vector<std::pair<std::string, Sources>> directives;
  std::vector<std::string> twice;    ///< names that stood there again
  std::vector<std::string> unknown;  ///< names that no browser knows

  bool has(std::string_view name) const { return sources(name) != nullptr; }
  /// nullptr: the directive is not there.
  const Sources* sources(std::string_view name) const;
  /// The same, or default-src where that stands in for it (CSP 3, 6.8).
  const Sources* fetch_sources(std::string_view name) const;
};

/// One policy. Commas are for parse_policies().
/// source  CSP 3, 2.2.1
Csp parse_csp(std::string_view text);

/// The policies of all fields of that name: each may hold several (CSP 3, 2.2.2).
std::vector<Csp> parse_policies(std::span<const std::string> fields);

/// What is left for a script that was slipped in, by the laxest of what counts.
struct CspStrength {
  bool unsafe_inline = false;        ///< inline scripts run, or scripts from anywhere
  bool unsafe_inline_style = false;  ///< only styles
  bool unsafe_eval = false;
  bool insecure_scheme = false;          ///< code by plain http
  bool insecure_passive_scheme = false;  ///< images and media by plain http
  bool deny_by_default = false;          ///< default-src 'none'
  bool frames_named = false;             ///< frame-ancestors is there
};

/// Of policies that hold together: something is kept out if one of them keeps it out.
CspStrength strength_of(std::span<const Csp> policies);

}  // namespace sally::check
