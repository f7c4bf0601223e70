#include "gateway/relay/relay_config.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/block.h"
#include "gateway/relay/ftp_transfer.h"
#include "gateway/relay/relay_keys.h"
#include "proto/greeting.h"
#include "upstream/address.h"

namespace sally::gateway {

using config::Block;
using config::List;
using config::Text;
using config::Words;
using namespace std::chrono_literals;

namespace {

std::string check_address(std::string_view text) {
  std::string why;
  const auto address = upstream::Address::parse(text, why);
  if (address && address->raw) return "";
  if (text.contains("://") || text.starts_with("h2c+"))
    return "has a scheme that this port does not speak to backends; write \"tls://host:port\" or "
           "\"starttls://host:port\"";
  return address ? "" : why;
}

std::string check_ports(std::string_view text) {
  return PortRange::parse(text) ? "" : "is no range of ports from 1024, like 50000-50100";
}

std::string check_ipv4(std::string_view text) {
  const auto address = SocketAddress::numeric(text, 0);
  return text.empty() || (address && address->family() == AF_INET) ? "" : "is no IPv4 address";
}

std::string check_name(std::string_view name) {
  if (name == "*") return "";
  std::string_view rest = name;
  if (rest.starts_with("*.")) rest.remove_prefix(2);
  const auto fits = [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; };
  return !rest.empty() && std::ranges::all_of(rest, fits)
             ? ""
             : "is no host name, no \"*.example.com\" and no \"*\"";
}

std::string check_protocol_name(std::string_view name) {
  return !name.empty() && name.size() < 256 ? "" : "is no name of a protocol (RFC 7301 3.1)";
}

}  // namespace

const Block<upstream::MemberTerms>& relay_member_block() {
  using C = upstream::MemberTerms;
  static const Block<C> kBlock =
      Block<C>("A backend. `to = \"127.0.0.1:143\"` is short for one block with `to` alone.")
          .repeated()
          .key("to", &C::address,
               Text{check_address,
                    "\"host:port\", \"unix:/path\", \"tls://host:port\" or \"starttls://host:port\""},
               "Where it listens, and how TLS begins there; not at all if nothing is said.")
          .key("weight", &C::weight, config::Count{1, 1000}, "Its share is this of the sum of all weights.")
          .key("backup", &C::backup, config::Switch{},
               "It is asked only while all that are no backups are away.")
          .key("max_connections", &C::max_connections, config::Count{1, 1'000'000, "no limit"},
               "Connections that it is given at a time, by all workers; more wait, see queue.")
          .shorthand("to");
  return kBlock;
}

const Block<handler::BalanceConfig>& relay_balance_block() {
  using C = handler::BalanceConfig;
  using upstream::Policy;
  static const Block<C> kBlock =
      Block<C>("Which of several backends gets a connection. `balance = \"hash\"` is short for `policy`.")
          .key("policy", &C::policy,
               Words<Policy>{{{"round_robin", Policy::round_robin},
                              {"least_connections", Policy::least_connections},
                              {"hash", Policy::hash}}},
               "In turn by weight; of two at random the one with fewer connections; or always the same one "
               "for a "
               "client's address.")
          .key("slow_start", &C::slow_start, config::Time{0ms, 1h},
               "Who comes back gets a tenth of its share, and all of it after this time. Not with hash.")
          .shorthand("policy");
  return kBlock;
}

const Block<handler::HealthConfig>& relay_health_block() {
  using C = handler::HealthConfig;
  static const Block<C> kBlock =
      Block<C>(
          "Opens a connection to each backend again and again, and leaves it alone while that fails. "
          "`health = \"10s\"` is short for `interval`.")
          .key("greeting", &C::greeting, config::Switch{},
               "Hear what it says, too: SMTP, IMAP, POP3, FTP and SSH greet, LDAP and PostgreSQL are asked. "
               "Off, "
               "and with other protocols: that it takes a connection is enough.")
          .key("interval", &C::interval, config::Time{100ms, 1h}, "From one check to the next.",
               "HAProxy 2 s")
          .key("timeout", &C::timeout, config::Time{10ms, 5min},
               "For the connection, with TLS if the address says tls://.")
          .key("rise", &C::rise, config::Count{1, 100}, "Good checks in a row after which it is asked again.",
               "HAProxy 2")
          .key("fall", &C::fall, config::Count{1, 100},
               "Bad checks in a row after which it is not. The first one counts alone.", "HAProxy 3")
          .shorthand("interval");
  return kBlock;
}

const Block<handler::QueueConfig>& relay_queue_block() {
  using C = handler::QueueConfig;
  static const Block<C> kBlock =
      Block<C>("Who waits while each backend has as many connections as max_connections lets it have.")
          .key("connections", &C::requests, config::Count{0, 1'000'000, "none"},
               "That wait in each worker; more are closed at once.")
          .key("timeout", &C::timeout, config::Time{10ms, 10min}, "After which one that waits is closed.");
  return kBlock;
}

const Block<handler::BackendTlsConfig>& relay_tls_block() {
  static const Block<handler::BackendTlsConfig> kBlock = [] {
    auto block = handler::BackendTlsConfig::block().only(
        "TLS towards backends that are written \"tls://\" or \"starttls://\".", "",
        {"ca", "name", "certificate", "key", "verify"});
    return block;
  }();
  return kBlock;
}

const Block<RelayTarget>& RelayTarget::block() {
  static const Block<RelayTarget> kBlock =
      Block<RelayTarget>("The backends. `ssh = \"127.0.0.1:22\"` is short for `to`.")
          .rows(add_target_keys<RelayTarget>)
          .shorthand("to");
  return kBlock;
}

const Block<PassRule>& PassRule::block() {
  using C = PassRule;
  static const Block<C> kBlock =
      Block<C>(
          "Connections that go to a backend without being decrypted, by what their ClientHello says. The "
          "first rule "
          "that fits holds; a connection that fits none is served by the sites of the port.")
          .repeated()
          .key("names", &C::names,
               List<Text>{{check_name, "\"a.example.com\", \"*.example.com\", \"*\""}, 0, 1000},
               "Names that the client may ask for; \"*\": any, or none.", "RFC 6066 3")
          .key("alpn", &C::alpn, List<Text>{{check_protocol_name, ""}, 0, 32},
               "Protocols of which the client must offer one. Absent: whatever it offers.", "RFC 7301")
          .rows(add_target_keys<C>);
  return kBlock;
}

const Block<ShareConfig>& ShareConfig::block() {
  using C = ShareConfig;
  using Silent = ShareConfig::Silent;
  static const Block<C> kBlock =
      Block<C>(
          "What else comes by a port of TLS: SSH and OpenVPN are known by their first bytes and passed on as "
          "they "
          "are, SSTP by its request inside the TLS of a site.")
          .block("ssh", &C::ssh, RelayTarget::block())
          .block("openvpn", &C::openvpn, RelayTarget::block())
          .block("sstp", &C::sstp, RelayTarget::block())
          .key("silent", &C::silent,
               Words<Silent>{{{"close", Silent::close}, {"ssh", Silent::ssh}, {"openvpn", Silent::openvpn}}},
               "Where a client goes that says nothing: some wait for the server's first word.",
               "RFC 4253 4.2")
          .key("silence", &C::silence, config::Time{100ms, 5min}, "After which it goes there.", "sslh 2 s");
  return kBlock;
}

const Block<StarttlsConfig>& StarttlsConfig::block() {
  using C = StarttlsConfig;
  static const Block<C> kBlock =
      Block<C>("What a client may say before TLS, where the protocol begins in plain text.")
          .key("timeout", &C::timeout, config::Time{1s, 10min}, "Until it has asked for TLS.",
               "Postfix 5 min a command")
          .key("line_bytes", &C::line_bytes, config::Size{256, 32 * 1024},
               "The longest line, or message where the protocol has no lines.", "RFC 5321 4.5.3.1.4: 512")
          .key("commands", &C::commands, config::Count{2, 1000}, "Lines or messages.");
  return kBlock;
}

const Block<FtpConfig>& FtpConfig::block() {
  using C = FtpConfig;
  static const Block<C> kBlock =
      Block<C>("Data connections of FTP. The client makes them, with PASV or EPSV, and PROT P comes first.")
          .key("passive_ports", &C::passive_ports, Text{check_ports, "\"50000-50100\""},
               "Where clients find them: let the firewall pass these. Empty: any that is free.",
               "RFC 959 4.1.2")
          .key("passive_address", &C::passive_address, Text{check_ipv4, "\"203.0.113.5\""},
               "What PASV tells the client, where addresses are translated on its way here. Empty: the one "
               "that it "
               "came to.")
          .key("data_timeout", &C::data_timeout, config::Time{1s, 10min}, "Until one stands, with TLS.",
               "vsftpd 60 s");
  return kBlock;
}

bool PassRule::fits(std::string_view name, const std::vector<std::string>& offered) const {
  const auto named = [&](const std::string& own) {
    if (own == "*" || own == name) return true;
    // RFC 9525 6.3: a wildcard stands for exactly one left-most label.
    return own.starts_with("*.") && name.contains('.') &&
           name.substr(name.find('.')) == std::string_view(own).substr(1);
  };
  if (std::ranges::none_of(names, named)) return false;
  return alpn.empty() || std::ranges::any_of(offered, [&](const std::string& one) {
           return std::ranges::find(alpn, one) != alpn.end();
         });
}

handler::ProxyConfig RelayTarget::proxy(std::string_view speaks) const {
  handler::ProxyConfig out;
  out.to = to;
  out.connect_timeout = connect_timeout;
  out.buffer_bytes = buffer_bytes;
  out.balance = balance;
  out.health = health;
  out.queue = queue;
  if (out.health) {
    const bool hears = out.health->greeting && proto::has_greeting(speaks);
    out.health->kind = hears ? handler::HealthConfig::Kind::greeting : handler::HealthConfig::Kind::tcp;
    out.health->speaks = hears ? speaks : "";
    if (hears && proxy_protocol) out.health->first = write_proxy_header(*proxy_protocol, {}, {});
  }
  out.eject = eject;
  out.tls = tls;
  out.proxy_protocol = proxy_protocol;
  return out;
}

}  // namespace sally::gateway
