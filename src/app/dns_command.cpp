#include "app/dns_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <string>

#include "gateway/settings.h"
#include "net/socket_address.h"

namespace sally::app {
namespace {

using gateway::PortConfig;
using gateway::PortProtocol;
using gateway::Settings;
using gateway::SiteConfig;

constexpr std::uint16_t kUsualPort = 443;

/// Of another port than 443 the record's name tells it, and its target is the host itself.
std::string record(const std::string& name, std::uint16_t port, bool http3) {
  const std::string_view protocols = http3 ? "h3,h2" : "h2";  // http/1.1 is understood (RFC 9460 9.5)
  if (port == kUsualPort) return fmt::format("{}. 3600 IN HTTPS 1 . alpn=\"{}\"", name, protocols);
  return fmt::format("_{}._https.{}. 3600 IN HTTPS 1 {}. alpn=\"{}\"", port, name, name, protocols);
}

/// A name that a zone of the public can have.
bool public_name(const SiteConfig& site, const std::string& name) {
  return !site.local() && name.contains('.') && !SocketAddress::numeric(name, 0);
}

void add_records(const Settings& settings, const PortConfig& port, std::set<std::string>& lines) {
  for (const std::size_t index : settings.sites_at(port.address)) {
    const SiteConfig& site = settings.sites[index];
    for (const std::string& name : site.names)
      if (public_name(site, name))
        lines.insert(record(name, port.address.port, settings.quic.on && port.proxies.empty()));
  }
}

}  // namespace

int dns_records(std::string_view path, std::ostream& out, std::ostream& err) {
  const auto settings = Settings::load(path);
  if (!settings) {
    err << settings.error().detail() << "\n";
    return 1;
  }
  std::set<std::string> lines;
  for (const PortConfig& port : settings->ports)
    if (port.protocol == PortProtocol::https && !port.address.loopback()) add_records(*settings, port, lines);
  for (const std::string& line : lines) out << line << "\n";
  if (lines.empty()) err << "no site has a public name on a public address: there is nothing to publish\n";
  return 0;
}

}  // namespace sally::app
