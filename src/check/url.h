// check/url.h - addresses of web pages, read and joined as browsers do it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sally::check {

struct Url {
  std::string scheme;      ///< in lower case, without ':'
  std::string host;        ///< in lower case, IPv6 without brackets; empty: the scheme has none
  std::uint16_t port = 0;  ///< the scheme's own if none is named; 0: the scheme has none
  std::string path;  ///< with query, without fragment; visible ASCII; begins with '/' where there is a host

  bool is_web() const { return scheme == "http" || scheme == "https"; }
  /// "example.com", "[::1]:8443": for the Host field.
  std::string authority() const;
  std::string text() const;
  bool operator==(const Url&) const = default;
};

inline constexpr std::size_t kLongestUrl = 8192;  ///< bytes; browsers take more, servers less

/// Reads `reference`, relative to `base` if it has no scheme of its own. nullopt: it is no address, is longer
/// than kLongestUrl, or is relative without a base. Names that are not ASCII are taken as they are. source
/// URL standard, 4.4: white space at the ends and line breaks are dropped, '\' is '/', user names are dropped
std::optional<Url> read_url(std::string_view reference, const Url* base = nullptr);

/// Browsers treat it as secure though it is plain http: this machine (Secure Contexts 3.1).
bool is_loopback_host(std::string_view host);

}  // namespace sally::check
