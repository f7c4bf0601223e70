#include "http/target.h"

#include <arpa/inet.h>

#include <cstring>

#include "base/ascii.h"
#include "base/number.h"
#include "http/octets.h"

namespace sally::http {
namespace {

constexpr std::size_t kHostLimit = 255;  // RFC 1035 2.3.4

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto number = parse_number<std::uint16_t>(text);
  if (!number || *number == 0 || text.size() > 5) return false;
  port = *number;
  return true;
}

/// "[2001:db8::1]" with what follows. No zone: it means nothing to another host (RFC 6874).
bool parse_ipv6(std::string_view text, std::string& host, std::uint16_t& port) {
  const std::size_t close = text.find(']');
  char copy[INET6_ADDRSTRLEN];
  if (close == text.npos || close - 1 >= sizeof copy) return false;
  const std::string_view inside = text.substr(1, close - 1);
  std::memcpy(copy, inside.data(), inside.size());
  copy[inside.size()] = '\0';
  in6_addr ignored{};
  if (inet_pton(AF_INET6, copy, &ignored) != 1) return false;
  host.assign(inside);
  for (char& c : host) c = ascii_lower(c);
  const std::string_view rest = text.substr(close + 1);
  return rest.empty() || (rest.front() == ':' && parse_port(rest.substr(1), port));
}

}  // namespace

std::optional<OriginForm> parse_origin_form(std::string_view text) {
  if (text.empty() || text.front() != '/') return std::nullopt;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (; at != end; ++at) {
    if (is_octet(*at, octets::kTarget)) continue;
    if (*at == '?') break;
    if (*at != '%' || end - at < 3 || !is_hex(at[1]) || !is_hex(at[2])) return std::nullopt;
    at += 2;
  }
  OriginForm form{text.substr(0, static_cast<std::size_t>(at - text.data())), {}, at != end};
  if (!form.has_query) return form;
  form.query = text.substr(form.path.size() + 1);
  for (const char c : form.query)
    if (!is_octet(c, octets::kTarget) && c != '?' && c != '%') return std::nullopt;
  return form;
}

bool is_request_path(std::string_view text) { return parse_origin_form(text).has_value(); }

bool parse_authority(std::string_view text, std::string& host, std::uint16_t& port) {
  port = 0;
  if (text.empty()) return false;
  if (text.front() == '[') return parse_ipv6(text, host, port);
  host.resize(std::min(text.size(), kHostLimit));
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* const last = begin + host.size();
  const char* at = begin;
  char* to = host.data();
  char before = '.';
  for (char lower; at != last && (lower = lower_host(*at)) != 0; ++at) {
    if (lower == '.' && before == '.') return false;
    *to++ = before = lower;
  }
  if (at == begin) return false;
  if (at != end && (*at != ':' || !parse_port({at + 1, static_cast<std::size_t>(end - at - 1)}, port)))
    return false;
  const auto size = static_cast<std::size_t>(at - begin);
  host.resize(before == '.' ? size - 1 : size);
  return true;
}

}  // namespace sally::http
