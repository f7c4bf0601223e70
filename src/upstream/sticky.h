// upstream/sticky.h - the cookie that keeps a client at its backend, and tells nobody which one that is.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/fields.h"

namespace sally::upstream {

/// The value of a cookie of that name in the Cookie fields of a request (RFC 6265 5.4); the first one counts.
std::optional<std::string_view> cookie_value(const http::Fields& fields, std::string_view name);

/// Of one group. Each backend has a value that only a holder of the secret can tell from any other:
/// HMAC-SHA-256 of its address, 128 bits of it.
class Sticky {
 public:
  /// secret     32 octets or more, the same wherever clients may come back
  /// addresses  of the backends, in the order of the group
  Sticky(std::string name, std::string_view secret, const std::vector<std::string>& addresses);

  /// The backend that a request's cookie names; nullopt: none does, or the value is nobody's.
  std::optional<std::size_t> backend_of(const http::Fields& request) const;
  /// The value of Set-Cookie for a client that is at this backend from now on. `secure`: it came by TLS.
  std::string set_cookie(std::size_t backend, bool secure) const;

 private:
  std::string name_;
  std::vector<std::string> values_;
};

}  // namespace sally::upstream
