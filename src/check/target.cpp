#include "check/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "cert/fetch.h"
#include "crypto/host_match.h"

namespace sally::check {
namespace {

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

Result<Target> parse_target(std::string_view text, const proto::Protocol* protocol) {
  const auto bad = [&] { return fail(kBadTarget, fmt::format("\"{}\"", text)); };
  Target out;
  out.text = text;
  std::string rest(text);
  out.protocol = protocol;
  if (const std::size_t at = text.find("://"); at != std::string_view::npos) {
    out.protocol = proto::protocol_named(text.substr(0, at));
    if (!out.protocol) return bad();
    rest = text.substr(at + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (const std::size_t user = rest.rfind('@'); user != std::string::npos) rest.erase(0, user + 1);
  }
  const auto endpoint = cert::parse_endpoint(rest);
  if (!endpoint) return bad();
  const bool no_port = has_no_port(rest);
  out.host = endpoint->host;
  if (!out.protocol && !no_port) out.protocol = proto::protocol_of_port(endpoint->port);
  if (!out.protocol) out.protocol = proto::protocol_named("https");
  out.port = no_port ? out.protocol->ports.front() : endpoint->port;
  out.is_http = out.protocol->is_http;
  out.is_literal = crypto::parse_host_address(out.host).has_value();
  return out;
}

Result<Target> asked_as(Target target, std::string_view name) {
  const auto endpoint = cert::parse_endpoint(std::string(name));
  if (!endpoint || endpoint->host != name || crypto::parse_host_address(name))
    return fail(kBadTarget, fmt::format("\"{}\" is no name", name));
  target.reached_by = std::exchange(target.host, std::string(name));
  target.is_literal = false;
  return target;
}

Result<Resolve> parse_resolve(std::string_view text) {
  const auto bad = [&] { return fail(kBadTarget, fmt::format("\"{}\" is not HOST:PORT:ADDRESS", text)); };
  const std::size_t first = text.starts_with('[') ? text.find("]:") + 1 : text.find(':');
  if (first == std::string_view::npos || first == 0) return bad();
  const std::size_t second = text.find(':', first + 1);
  if (second == std::string_view::npos) return bad();
  Resolve out;
  out.host = ascii_lower(text.substr(0, first));
  if (out.host.starts_with('[')) out.host = out.host.substr(1, out.host.size() - 2);
  std::string_view address = text.substr(second + 1);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  const auto port = parse_number<std::uint16_t>(text.substr(first + 1, second - first - 1));
  if (!port || out.host.empty() || !crypto::parse_host_address(address)) return bad();
  out.port = *port;
  out.address = address;
  return out;
}

}  // namespace sally::check
