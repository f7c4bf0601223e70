#include "crypto/host_match.h"

#include <arpa/inet.h>

#include <cstring>

#include "base/ascii.h"

namespace sally::crypto {
namespace {

constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;

std::string_view without_last_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLongestLabel) return false;
  for (const char c : label)
    if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_') return false;
  return true;
}

}  // namespace

std::optional<HostAddress> parse_host_address(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos) return std::nullopt;
  }
  char text[INET6_ADDRSTRLEN];
  if (host.empty() || host.size() >= sizeof text) return std::nullopt;
  std::memcpy(text, host.data(), host.size());
  text[host.size()] = '\0';
  if (std::strlen(text) != host.size()) return std::nullopt;

  HostAddress out;
  if (inet_pton(AF_INET, text, out.bytes.data()) == 1)
    out.size = 4;
  else if (inet_pton(AF_INET6, text, out.bytes.data()) == 1)
    out.size = 16;
  else
    return std::nullopt;
  return out;
}

bool is_dns_name(std::string_view name, bool wildcard) {
  name = without_last_dot(name);
  if (name.size() > kLongestName) return false;
  if (wildcard && name.starts_with("*.")) name.remove_prefix(2);
  for (;;) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

bool dns_name_covers(std::string_view presented, std::string_view host) {
  if (!is_dns_name(presented, true) || !is_dns_name(host)) return false;
  // "1.2.3.4" has the letters of a DNS name, but an address is compared with iPAddress only.
  if (parse_host_address(without_last_dot(host))) return false;
  presented = without_last_dot(presented);
  host = without_last_dot(host);
  if (presented.starts_with("*.")) {
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos) return false;
    return ascii_iequals(presented.substr(1), host.substr(dot));
  }
  return ascii_iequals(presented, host);
}

}  // namespace sally::crypto
