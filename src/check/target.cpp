#include "check/target.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "cert/fetch.h"
#include "crypto/host_match.h"

namespace sally::check {
namespace {

struct Scheme {
  std::string_view name;
  std::uint16_t port;
  bool is_http;
};
constexpr Scheme kSchemes[] = {{"https", 443, true},  {"smtps", 465, false}, {"imaps", 993, false},
                               {"pop3s", 995, false}, {"ldaps", 636, false}, {"ftps", 990, false},
                               {"tls", 443, false}};
constexpr std::uint16_t kOtherPorts[] = {465, 636, 853, 990, 993, 995};

/// A port can still be put behind it.
bool has_no_port(const std::string& rest) {
  if (const auto address = crypto::parse_host_address(rest); address) return true;
  return cert::parse_endpoint(rest + ":1").has_value();
}

}  // namespace

std::string Target::endpoint() const {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string Target::server_name() const {
  if (is_literal) return {};
  return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

bool Target::is_local_name() const {
  const std::string name = ascii_lower(server_name());
  return is_literal || name == "localhost" || name.ends_with(".localhost") || !name.contains('.');
}

Result<Target> parse_target(std::string_view text) {
  const auto bad = [&] { return fail(kBadTarget, fmt::format("\"{}\"", text)); };
  Target out;
  out.text = text;
  std::string rest(text);
  std::uint16_t usual = 443;
  if (const std::size_t at = text.find("://"); at != std::string_view::npos) {
    const auto same = [&](const Scheme& s) { return ascii_iequals(text.substr(0, at), s.name); };
    const auto* const scheme = std::ranges::find_if(kSchemes, same);
    if (scheme == std::end(kSchemes)) return bad();
    usual = scheme->port;
    out.is_http = scheme->is_http;
    rest = text.substr(at + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (const std::size_t user = rest.rfind('@'); user != std::string::npos) rest.erase(0, user + 1);
  }
  const auto endpoint = cert::parse_endpoint(rest);
  if (!endpoint) return bad();
  out.host = endpoint->host;
  out.port = has_no_port(rest) ? usual : endpoint->port;
  out.is_literal = crypto::parse_host_address(out.host).has_value();
  if (!text.contains("://") && std::ranges::find(kOtherPorts, out.port) != std::end(kOtherPorts))
    out.is_http = false;
  return out;
}

}  // namespace sally::check
