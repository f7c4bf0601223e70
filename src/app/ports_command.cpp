#include "app/ports_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "gateway/relay/relay_door.h"
#include "proto/protocol.h"

namespace sally::app {
namespace {

struct PortRow {
  std::uint16_t port;
  const proto::Protocol* protocol;
  std::string_view tls, serve;
};

/// How TLS comes in.
std::string_view entry_of(const proto::Protocol& p) {
  switch (p.entry) {
    case proto::TlsEntry::at_once:
      return "at once";
    case proto::TlsEntry::starttls:
      return "STARTTLS";
    case proto::TlsEntry::packed:
      return "in packets";
    case proto::TlsEntry::never:
      return "own seals";
  }
  return "";
}

std::string_view transport_of(const proto::Protocol& p) { return p.by_udp ? "udp" : "tcp"; }

/// Recognised by its first bytes beside TLS.
bool is_shared(std::string_view id) {
  return id == "ssh" || id == "sftp" || id == "sstp" || id.starts_with("openvpn");
}

std::string_view serve_of(const proto::Protocol& p, std::uint16_t port) {
  if (p.is_http) return "sites, HTTP/3, passes on";
  if (p.by_udp && (p.id.starts_with("openvpn") || p.id == "ipsec")) return "relays sessions";
  if (!p.by_udp && (is_shared(p.id))) return "shares a port of TLS";
  if (gateway::relayed_protocol(p.id, port) == nullptr) return "";
  return p.entry == proto::TlsEntry::at_once && !p.id.starts_with("ftp") ? "decrypts, passes on" : "decrypts";
}

std::vector<PortRow> rows() {
  std::vector<PortRow> out;
  for (const proto::Protocol& p : proto::all_protocols())
    for (const std::uint16_t port : p.ports) out.push_back({port, &p, entry_of(p), serve_of(p, port)});
  std::ranges::stable_sort(out, {}, &PortRow::port);
  return out;
}

}  // namespace

int ports(bool json, std::ostream& out) {
  if (json) {
    JsonText text;
    text.begin_array("ports");
    for (const PortRow& row : rows()) {
      text.begin_element();
      text.number("port", row.port).string("transport", transport_of(*row.protocol));
      text.string("protocol", row.protocol->id).string("title", row.protocol->title);
      text.string("tls", row.tls).boolean("check", true).string("serve", row.serve);
      text.string("standard", row.protocol->source);
      text.end();
    }
    out << text.finish();
    return 0;
  }
  constexpr std::string_view kLine = "{:>9}  {:<11} {:<11} {:<6} {:<24} {:<31} {}\n";
  out << fmt::format(kLine, "port", "protocol", "TLS", "check", "serve", "what it is", "standard");
  for (const PortRow& row : rows())
    out << fmt::format(kLine, fmt::format("{}/{}", row.port, transport_of(*row.protocol)), row.protocol->id,
                       row.tls, "yes", row.serve.empty() ? "-" : row.serve, row.protocol->title,
                       row.protocol->source);
  return 0;
}

}  // namespace sally::app
