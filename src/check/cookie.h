// check/cookie.h - reads Set-Cookie as browsers do, and says which of them they keep.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace sally::check {

struct Cookie {
  enum class SameSite : std::uint8_t { absent, unknown, none, lax, strict };

  std::string name;  ///< without its value, which may be secret
  bool secure = false, http_only = false, partitioned = false;
  SameSite same_site = SameSite::absent;
  std::string domain;    ///< in lower case, without a leading dot; empty: this host only
  std::string path;      ///< empty: the default
  bool lasting = false;  ///< it has Max-Age or Expires
  std::string dropped;   ///< why a browser throws it away; empty: it is kept

  /// By its name: it may stand for somebody who is logged in (login, sess).
  bool is_session() const;
  /// By its name: it guards against forged requests (csrf, xsrf).
  bool is_anti_csrf() const;
};

/// `host`: that sent it, in lower case. A cookie without a name, too long, with control characters, for
/// another domain, or that breaks what SameSite=None or its prefix (__Secure-, __Host-) promises, is dropped.
/// source  RFC 6265bis 5.6 and 5.7
Cookie read_cookie(std::string_view line, std::string_view host);

}  // namespace sally::check
