// http/method.h - request methods and what may be assumed of them (RFC 9110 9).
#pragma once
#include <cstdint>
#include <string_view>

namespace sally::http {

enum class Method : std::uint8_t { get, head, post, put, del, connect, options, trace, patch, other };

/// Methods are case-sensitive (RFC 9110 9.1): "get" is `other`.
Method method_from(std::string_view text);
std::string_view method_text(Method m);  ///< empty for `other`
/// RFC 9110 9.2.1: a client may send these without asking for a change.
constexpr bool is_safe(Method m) {
  return m == Method::get || m == Method::head || m == Method::options || m == Method::trace;
}
/// RFC 9110 9.2.2: sending it twice means the same as sending it once.
constexpr bool is_idempotent(Method m) { return is_safe(m) || m == Method::put || m == Method::del; }

}  // namespace sally::http
