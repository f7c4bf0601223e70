#include "upstream/sticky.h"

#include <algorithm>

#include "base/ascii.h"
#include "crypto/mac.h"

namespace sally::upstream {
namespace {

constexpr std::size_t kOctets = 16;

/// RFC 4648 5, without padding.
std::string base64url(Bytes in) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0, held = 0;
  for (const std::byte b : in) {
    bits = (bits << 8 | std::to_integer<unsigned>(b)) & 0xffff;
    for (held += 8; held >= 6; held -= 6) out += kLetters[bits >> (held - 6) & 63];
  }
  if (held != 0) out += kLetters[bits << (6 - held) & 63];
  return out;
}

}  // namespace

std::optional<std::string_view> cookie_value(const http::Fields& fields, std::string_view name) {
  for (const http::Field& f : fields) {
    if (f.name != "cookie") continue;
    for (std::string_view rest = f.value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trim(rest.substr(0, end));
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
        return pair.substr(name.size() + 1);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return std::nullopt;
}

Sticky::Sticky(std::string name, std::string_view secret, const std::vector<std::string>& addresses)
    : name_(std::move(name)) {
  for (const std::string& address : addresses) {
    const std::string text = "backend " + address;
    const crypto::Sha256 mac = crypto::hmac_sha256(as_bytes(secret), as_bytes(std::string_view(text)));
    values_.push_back(base64url(Bytes(mac).first(kOctets)));
  }
}

std::optional<std::size_t> Sticky::backend_of(const http::Fields& request) const {
  const auto value = cookie_value(request, name_);
  if (!value) return std::nullopt;
  const auto it = std::ranges::find(values_, *value);
  if (it == values_.end()) return std::nullopt;
  return static_cast<std::size_t>(it - values_.begin());
}

std::string Sticky::set_cookie(std::size_t backend, bool secure) const {
  return name_ + "=" + values_[backend] + "; Path=/; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "");
}

}  // namespace sally::upstream
