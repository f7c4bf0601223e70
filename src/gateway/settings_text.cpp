#include "gateway/settings_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/ascii.h"
#include "gateway/field_check.h"
#include "gateway/handler_keys.h"
#include "gateway/relay/relay_door.h"
#include "gateway/relay/relay_keys.h"
#include "handler/address_range_value.h"

namespace sally::gateway {

using config::Block;
using config::Count;
using config::List;
using config::Map;
using config::Node;
using config::Path;
using config::Spot;
using config::Switch;
using config::Text;
using config::Words;

namespace {

/// "off", "-", or a file.
struct LogPath {
  bool read(const Node& node, std::string& out, const Spot& at) const {
    if (node.kind == Node::Kind::text && (node.text == "off" || node.text == "-")) {
      out = node.text == "off" ? "" : "-";
      return true;
    }
    std::filesystem::path path;
    if (!Path{}.read(node, path, at)) return false;
    out = path.string();
    return true;
  }
  std::string type() const { return "off|-|path"; }
  std::string range() const { return ""; }
  std::string show(const std::string& value) const { return value.empty() ? "\"off\"" : '"' + value + '"'; }
};

/// "https", "http", or what else a port carries.
struct PortWord {
  bool read(const Node& node, PortText& out, const Spot& at) const {
    const auto word = config::word_of(node);
    const std::vector<std::string_view> all = names();
    if (!word || std::ranges::find(all, *word) == all.end()) return config::bad_word(node, at, all);
    out.PortConfig::protocol = *word == "https"  ? PortProtocol::https
                               : *word == "http" ? PortProtocol::http
                                                 : PortProtocol::relayed;
    out.speaks = out.PortConfig::protocol == PortProtocol::relayed ? *word : "";
    return true;
  }
  std::string type() const { return fmt::format("{}", fmt::join(names(), "|")); }
  std::string range() const { return ""; }
  std::string show(const PortText&) const { return "\"https\""; }
  static std::vector<std::string_view> names() {
    std::vector<std::string_view> out = {"https", "http"};
    for (const std::string_view word : relayed_words()) out.push_back(word);
    return out;
  }
};

bool is_token(char c) {
  return is_alpha(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

std::string check_account(std::string_view name) {
  const bool good = !name.starts_with('-') && std::ranges::all_of(name, [](char c) { return is_token(c); });
  return good ? "" : "is no account name";
}

}  // namespace

const Block<LogConfig>& LogConfig::block() {
  using C = LogConfig;
  static const Block<C> kBlock =
      Block<C>("What is written down, and where.")
          .key("access", &C::access, LogPath{},
               "A line for each request: a file, - for the standard output, or off.")
          .key("format", &C::format,
               Words<LogFormat>{{{"json", LogFormat::json}, {"common", LogFormat::common}}},
               "JSON lines, or the common log format with TLS fields appended.")
          .key("error", &C::error, LogPath{},
               "What went wrong, in words: a file, - for the standard error, or off.")
          .key("level", &C::level,
               Words<LogLevel>{{{"error", LogLevel::error},
                                {"warning", LogLevel::warning},
                                {"notice", LogLevel::notice},
                                {"debug", LogLevel::debug}}},
               "The least important message that is still written.");
  return kBlock;
}

const Block<AdminConfig>& AdminConfig::block() {
  using C = AdminConfig;
  static const Block<C> kBlock =
      Block<C>(
          "An address for /metrics (Prometheus) and /health, apart from all sites. Plain http, no password.")
          .key("listen", &C::listen, Text{},
               "\"127.0.0.1:9180\", \"localhost:9180\", or a port, which is opened on 127.0.0.1 only. Empty: "
               "off.");
  return kBlock;
}

const Block<PortText>& PortText::block() {
  using C = PortText;
  static const Block<C> kBlock =
      Block<C>(
          "What is spoken on a port: [port.8080], [port.\"127.0.0.1:8080\"]. One that no site listens on "
          "serves all, or shows the certificates of all.")
          .whole("protocol", PortWord{},
                 "https, http for plain text behind another gateway or on a private network, or what is "
                 "inside TLS "
                 "and goes to `to`. \"tls\" is anything; \"imap\" is \"imaps\" on port 993, and begins with "
                 "STARTTLS on others.")
          .key("h2c", &C::h2c, Switch{}, "On a plain port: HTTP/2 for clients that begin with it.",
               "RFC 9113 3.3")
          .key("proxy_protocol", &C::proxies, List<handler::AddressRangeValue>{{}, 0, 100},
               "Load balancers before this port that say by the PROXY protocol, version 1 or 2, whose "
               "connection it is. All of theirs must begin with it; nobody else is asked.",
               "PROXY protocol")
          .rows(add_target_keys<C>)
          .blocks("pass", &C::pass, PassRule::block(), 1000)
          .block("share", &C::share, ShareConfig::block())
          .block("starttls", &C::starttls, StarttlsConfig::block())
          .block("ftp", &C::ftp, FtpConfig::block());
  return kBlock;
}

const Block<SiteText>& SiteText::block() {
  using C = SiteText;
  static const Block<C> kBlock =
      Block<C>(
          "A name that is served: [site.\"example.com\"], [site.\"localhost:8443\"], "
          "[site.\"*.example.com\"].")
          .key("names", &C::names, List<Text>{{}, 0, 100, true}, "Further names of the site.")
          .key("listen", &C::listen_text,
               List<Text>{{nullptr, "\"443\", \"127.0.0.1:8443\", \"[::1]:443\""}, 0, 16},
               "Where it answers. Absent: the port in its name, else 443; localhost only on this machine.")
          .key("certificate", &C::certificate_files, List<Path>{{}, 0, 8},
               "PEM files, each with a leaf and then its intermediates; one with an ECDSA and one with an "
               "RSA key, "
               "say. Absent: the local CA issues one, for local names only.",
               "RFC 8446 4.4.2")
          .key("key", &C::key_files, List<Path>{{}, 0, 8},
               "PEM files with the keys, in the order of the certificates.")
          .key("default", &C::fallback, Switch{},
               "Also answer names that no site has. Without such a site they get no certificate at all.",
               "RFC 6066 3 (unrecognized_name)")
          .key("redirect_http", &C::redirect_http, Switch{},
               "Answer plain http on http_port with a redirect to https.", "RFC 6797 7.2")
          .block("hsts", &C::hsts, HstsConfig::block())
          .key("headers", &C::headers,
               Map<Text, Text>{{check_response_field_name, ""}, {check_field_value, ""}, 100},
               "Fields added to every answer; \"\" takes one away that is sent by default.", "RFC 9110 5")
          .rows(add_handler_keys<C>)
          .blocks("route", &C::routes, RouteConfig::block(), 1000)
          .block("tls", &C::tls, tls::TlsConfig::site_block())
          .block("limits", &C::limits, http::HttpLimits::site_block());
  return kBlock;
}

const Block<SettingsText>& SettingsText::block() {
  using C = SettingsText;
  static const Block<C> kBlock =
      Block<C>("The whole of sallyport.toml.")
          .key("workers", &C::workers, Count{0, 1024, "one per core"}, "Threads that serve.")
          .key("http_port", &C::http_port, Count{1, 65'535, "none"},
               "Where plain http is redirected to https. Absent: 80 if a site is on port 443, else none.")
          .key("user", &C::user, Text{check_account, ""},
               "Account to become once the ports are open; only root can. Empty: stay.")
          .key("group", &C::group, Text{check_account, ""}, "Its group. Empty: that of the account.")
          .key("state", &C::state, Path{},
               "Folder for what must survive a restart, such as the local CA. Empty: the account's data "
               "folder.")
          .key("watch_config", &C::watch_config, Switch{},
               "Read this file anew when it changes, as `sallyport reload` does.")
          // Sites start with what stands in these two, so they are read first.
          .block("tls", &C::tls, tls::TlsConfig::block())
          .block("quic", &C::quic, quic::QuicConfig::block())
          .block("limits", &C::limits, http::HttpLimits::block())
          .block("log", &C::log, LogConfig::block())
          .block("admin", &C::admin, AdminConfig::block())
          .named("port", &C::port_texts, PortText::block(),
                 [](const C&, std::string_view key) {
                   PortText port;
                   port.key = key;
                   return port;
                 })
          .named("udp", &C::datagrams, DatagramPort::block(),
                 [](const C&, std::string_view key) {
                   DatagramPort port;
                   port.key = key;
                   return port;
                 })
          .named("site", &C::site_texts, SiteText::block(), [](const C& all, std::string_view key) {
            SiteText site;
            site.key = key;
            site.tls = all.tls;
            site.limits = all.limits;
            return site;
          });
  return kBlock;
}

const config::Table& settings_table() { return SettingsText::block(); }

}  // namespace sally::gateway
