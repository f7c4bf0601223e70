#include "gateway/settings_check.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <map>

#include "gateway/relay/datagram_check.h"
#include "gateway/relay/relay_check.h"
#include "gateway/relay/relay_door.h"
#include "gateway/site_check.h"

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;
using config::Reading;

/// Tickets may be used no longer (RFC 8446 4.6.1).
constexpr std::chrono::seconds kLongestTicket = std::chrono::days(7);

class SettingsCheck {
 public:
  SettingsCheck(SettingsText& text, Reading& reading, bool allow_port_zero)
      : text_(text), reading_(reading), allow_port_zero_(allow_port_zero) {}

  void run() {
    const bool needs_site = text_.datagrams.empty() && std::ranges::none_of(text_.port_texts, only_passes);
    if (text_.site_texts.empty() && needs_site)
      bad("", "no site; begin with [site.\"localhost:8443\"] and files = \"/a/folder\"");
    for (SiteText& site : text_.site_texts) resolve_site(site, reading_, allow_port_zero_);
    read_ports();
    check_datagrams(text_.datagrams, reading_);
    open_ports();
    datagrams_beside_quic();
    for (SiteText& site : text_.site_texts)
      check_site(site, std::ranges::any_of(site.listen, [&](const auto& a) { return speaks_tls(a); }),
                 std::ranges::all_of(site.listen, [&](const auto& a) { return relayed(a); }), reading_,
                 text_.warnings);
    unique_names();
    redirects();
    admin();
    limits();
    accounts();
    logs();
  }

 private:
  void bad(std::string_view key, std::string why) {
    reading_.add(reading_.place_of(key), key, std::move(why));
  }

  /// Such a port needs no site: nothing is decrypted there.
  static bool only_passes(const PortText& port) { return !port.speaks.empty() && port.to.empty(); }

  void read_relay(PortText& port, const std::string& path, std::uint16_t number) {
    if (!port.speaks.empty()) port.speaks = relayed_protocol(port.speaks, number)->id;
    check_relay(port, path, reading_);
    if (!port.speaks.empty() || !port.pass.empty() || port.share)
      port.relay = static_cast<RelayConfig&>(port);
  }

  void read_ports() {
    for (PortText& port : text_.port_texts) {
      const std::string path = "port." + config::written_key(port.key);
      const auto addresses = parse_listen(port.key);
      if (!addresses) {
        bad(path, std::string(addresses.error().detail()));
        continue;
      }
      read_relay(port, path, addresses->front().port);
      for (const ListenAddress& address : *addresses) {
        PortConfig config = port;
        config.address = address;
        if (std::ranges::find(written_, address, &PortConfig::address) != written_.end())
          bad(path, fmt::format("{} has a block already", address.text()));
        else
          written_.push_back(std::move(config));
      }
    }
  }

  /// What is spoken at an address: the block of the address itself, else that of its port.
  PortConfig port_at(const ListenAddress& address) const {
    const PortConfig* found = nullptr;
    for (const PortConfig& port : written_)
      if (port.address.covers(address) && (found == nullptr || found->address.covers(port.address)))
        found = &port;
    PortConfig out = found != nullptr ? *found : PortConfig{};
    out.address = address;
    return out;
  }
  bool speaks_https(const ListenAddress& address) const {
    return port_at(address).protocol == PortProtocol::https;
  }
  bool relayed(const ListenAddress& address) const {
    return port_at(address).protocol == PortProtocol::relayed;
  }
  bool speaks_tls(const ListenAddress& address) const { return speaks_https(address) || relayed(address); }

  /// The certificates of the sites that have one are shown there. Of two sites with the same name the first
  /// one's.
  void lend_certificates(const PortConfig& port) {
    std::vector<std::string_view> names;
    bool fallback = false, lent = false;
    for (SiteText& site : text_.site_texts) {
      const bool has_one =
          std::ranges::any_of(site.listen, [&](const ListenAddress& a) { return speaks_tls(a); });
      const bool known = std::ranges::any_of(
          site.names, [&](const std::string& name) { return std::ranges::find(names, name) != names.end(); });
      if (!has_one || known || (fallback && site.fallback)) continue;
      fallback = fallback || site.fallback;
      lent = true;
      names.insert(names.end(), site.names.begin(), site.names.end());
      site.listen.push_back(port.address);
    }
    if (!lent)
      bad("port." + std::to_string(port.address.port), "no site has a certificate that could be shown here");
  }

  void open_ports() {
    // A port that has a block and no site of its own serves all of them.
    for (const PortConfig& port : written_) {
      const auto here = [&](const ListenAddress& a) { return port.address.covers(a); };
      const auto listens = [&](const SiteText& site) { return std::ranges::any_of(site.listen, here); };
      if (std::ranges::any_of(text_.site_texts, listens)) continue;
      if (port.protocol == PortProtocol::relayed) {
        if (port.relay->terminates()) lend_certificates(port);
        if (!port.relay->terminates()) text_.ports.push_back(port);
        continue;
      }
      for (SiteText& site : text_.site_texts) site.listen.push_back(port.address);
    }
    for (const SiteText& site : text_.site_texts)
      for (const ListenAddress& address : site.listen) {
        const auto known = std::ranges::find(text_.ports, address, &PortConfig::address);
        if (known == text_.ports.end())
          text_.ports.push_back(port_at(address));
        else
          known->address.optional = known->address.optional && address.optional;
      }
    for (const PortConfig& port : text_.ports)
      if (port.address.host == "0.0.0.0" || port.address.host == "::") refuse_both(port.address);
  }

  /// HTTP/3 takes UDP at the address of each https port, and two cannot share one.
  void datagrams_beside_quic() {
    const auto by_quic = [&](const ListenAddress& own) {
      return text_.quic.on && std::ranges::any_of(text_.ports, [&](const PortConfig& web) {
               return web.protocol == PortProtocol::https &&
                      (own.covers(web.address) || web.address.covers(own));
             });
    };
    for (const DatagramPort& port : text_.datagrams)
      if (std::ranges::any_of(port.addresses, by_quic))
        bad("udp." + config::written_key(port.key),
            "is taken by HTTP/3 of the https port; choose another one, or set quic.on = false");
  }

  /// "443" opens the addresses of both families, so neither family can be opened beside it.
  void refuse_both(const ListenAddress& one_family) {
    const ListenAddress both{"", one_family.port};
    for (const SiteText& site : text_.site_texts)
      if (std::ranges::find(site.listen, both) != site.listen.end())
        return bad(site_path(site, "listen"),
                   fmt::format("{} and {} name the same addresses; use one of them everywhere", both.text(),
                               one_family.text()));
  }

  void unique_names() {
    for (const PortConfig& port : text_.ports) {
      std::map<std::string_view, const SiteText*> owner;
      const SiteText* fallback = nullptr;
      for (const SiteText& site : text_.site_texts) {
        if (!answers(site, port.address)) continue;
        for (const std::string& name : site.names) {
          const auto [it, added] = owner.emplace(name, &site);
          if (!added) twice(site, *it->second, fmt::format("\"{}\"", name), port.address);
        }
        if (site.fallback && fallback != nullptr) twice(site, *fallback, "a default site", port.address);
        if (site.fallback) fallback = &site;
      }
    }
  }
  static bool answers(const SiteText& site, const ListenAddress& address) {
    return std::ranges::any_of(site.listen, [&](const ListenAddress& own) { return own.covers(address); });
  }
  /// One message for a pair of sites, however many addresses they share.
  void twice(const SiteText& site, const SiteText& first, const std::string& what,
             const ListenAddress& address) {
    const std::string path = site_path(site, what.starts_with('"') ? "" : "default");
    const std::string why = fmt::format("port {} has {} already: {} at {}", address.port, what,
                                        site_path(first), reading_.place_of(site_path(first)).text());
    const auto same = [&](const config::Problem& p) { return p.key == path && p.why == why; };
    if (std::ranges::none_of(reading_.problems(), same)) bad(path, why);
  }

  void redirects() {
    const std::uint16_t port = text_.http_port.value_or(80);
    const auto same_port = [&](const PortConfig& open) { return open.address.port == port; };
    const bool taken = std::ranges::any_of(text_.ports, same_port);
    // Who wrote no http_port and serves port 80 in another way needs no redirects there.
    if (port == 0 || (taken && !text_.http_port)) return;
    for (const SiteText& site : text_.site_texts)
      for (const ListenAddress& address : site.listen) {
        if (!site.redirect_http || !speaks_https(address) || (!text_.http_port && address.port != 443))
          continue;
        ListenAddress plain = address;
        plain.port = port;
        if (std::ranges::find(text_.redirects, plain) == text_.redirects.end())
          text_.redirects.push_back(std::move(plain));
      }
    if (taken && !text_.redirects.empty())
      bad("http_port", fmt::format("port {} is a site's port too; choose another one, or 0 for none", port));
  }

  void admin() {
    AdminConfig& admin = text_.admin;
    if (admin.listen.empty()) return;
    const bool only_port = admin.listen.find_first_not_of("0123456789") == std::string::npos;
    auto addresses = parse_listen(only_port ? "127.0.0.1:" + admin.listen : admin.listen, true);
    if (!addresses) return bad("admin.listen", std::string(addresses.error().detail()));
    admin.addresses = *std::move(addresses);
    for (const ListenAddress& address : admin.addresses) {
      if (!address.loopback())
        text_.warnings.push_back(fmt::format(
            "admin.listen: everybody who reaches {} can read what this gateway does", address.text()));
      for (const PortConfig& port : text_.ports)
        if (address.port != 0 && (port.address.covers(address) || address.covers(port.address)))
          bad("admin.listen",
              fmt::format("{} is a site's port too; choose another one", port.address.text()));
    }
  }

  void limits() {
    const auto& l = text_.limits;
    if (l.request_line_bytes > l.header_bytes)
      bad("limits.request_line_bytes", "is more than header_bytes, of which it is a part");
    if (l.h2.stream_window > l.h2.connection_window)
      bad("limits.h2.stream_window", "is more than connection_window, which all streams share");
    if (text_.tls.ticket_rotation * (text_.tls.ticket_keys - 1) > kLongestTicket)
      bad("tls.ticket_rotation",
          fmt::format("with ticket_keys = {} tickets would be good for more than 7d (RFC 8446 4.6.1)",
                      text_.tls.ticket_keys));
  }

  void accounts() {
    if (!text_.user.empty() && ::getpwnam(text_.user.c_str()) == nullptr)
      bad("user",
          fmt::format("no such account \"{}\"; `useradd --system {}` makes it", text_.user, text_.user));
    if (!text_.group.empty() && ::getgrnam(text_.group.c_str()) == nullptr)
      bad("group", fmt::format("no such group \"{}\"", text_.group));
    if (std::error_code error;
        !text_.state.empty() && fs::exists(text_.state, error) && !fs::is_directory(text_.state, error))
      bad("state", fmt::format("\"{}\" is a file, not a folder", text_.state.string()));
  }

  void logs() {
    log("log.access", text_.log.access);
    log("log.error", text_.log.error);
    const fs::path& records = text_.quic.qlog.folder;
    if (std::error_code error; !records.empty() && !fs::is_directory(records, error))
      bad("quic.qlog.folder", fmt::format("no such folder \"{}\"; make it first", records.string()));
  }
  void log(std::string_view key, const std::string& path) {
    if (path.empty() || path == "-") return;
    std::error_code error;
    if (fs::is_directory(path, error)) return bad(key, fmt::format("\"{}\" is a folder, not a file", path));
    const fs::path folder = fs::path(path).parent_path();
    if (!fs::is_directory(folder, error))
      bad(key, fmt::format("no such folder \"{}\"; make it first", folder.string()));
  }

  SettingsText& text_;
  Reading& reading_;
  bool allow_port_zero_;
  std::vector<PortConfig> written_;  ///< what [port.x] blocks say
};

}  // namespace

Settings check_settings(SettingsText text, config::Reading& reading, bool allow_port_zero) {
  SettingsCheck(text, reading, allow_port_zero).run();
  Settings out = std::move(static_cast<Settings&>(text));
  for (SiteText& site : text.site_texts) out.sites.push_back(std::move(static_cast<SiteConfig&>(site)));
  return out;
}

}  // namespace sally::gateway
