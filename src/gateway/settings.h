// gateway/settings.h - everything that sallyport.toml or the flags of `serve` say, checked and ready to use.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "config/block_fwd.h"
#include "gateway/relay/datagram_config.h"
#include "gateway/relay/relay_config.h"
#include "gateway/site_config.h"
#include "net/address_range.h"
#include "quic/quic_config.h"

namespace sally::gateway {

/// What is spoken on a port.
enum class PortProtocol : std::uint8_t {
  https,    ///< TLS, then HTTP/1.1 or HTTP/2 by ALPN
  http,     ///< no TLS: HTTP/1.1, and HTTP/2 with prior knowledge if h2c is on
  relayed,  ///< PortConfig::relay says what
};

/// `[port.8080]` or `[port."127.0.0.1:8080"]`. Ports without such a block speak https. A port with such a
/// block that no site listens on serves every site.
struct PortConfig {
  ListenAddress address;
  PortProtocol protocol = PortProtocol::https;
  bool h2c = true;  ///< on plain ports: HTTP/2 with prior knowledge (RFC 9113 3.3)
  std::vector<AddressRange> proxies =
      {};  ///< whose connections begin with a PROXY protocol header, all of them
  std::optional<RelayConfig> relay = {};  ///< what the port carries beside the web, or in its place

  bool operator==(const PortConfig&) const = default;
};

enum class LogFormat : std::uint8_t { json, common };
enum class LogLevel : std::uint8_t { error, warning, notice, debug };

/// `[log]`. A path is absolute; "-" is the standard output (access) or standard error (error); "" is off.
struct LogConfig {
  std::string access;
  LogFormat format = LogFormat::json;
  std::string error = "-";
  LogLevel level = LogLevel::notice;

  bool operator==(const LogConfig&) const = default;

  static const config::Block<LogConfig>& block();
};

/// `[admin]`: where /metrics and /health are; no address: nowhere.
struct AdminConfig {
  std::string listen;                    ///< as written
  std::vector<ListenAddress> addresses;  ///< what it means

  static const config::Block<AdminConfig>& block();

  bool operator==(const AdminConfig&) const = default;
};

/// What `sallyport serve` takes on its command line; empty and nullopt mean: not given.
struct ServeFlags {
  std::vector<std::string> listen;         ///< --listen, for every site
  std::vector<std::string> names;          ///< --name; only without a file
  std::vector<std::string> certificates;   ///< --certificate; only without a file
  std::vector<std::string> keys;           ///< --key, in the order of --certificate
  std::optional<std::uint32_t> workers;    ///< --workers
  std::optional<std::uint16_t> http_port;  ///< --http-port
  /// Any other key of the configuration: {"limits.header_bytes", "32KiB"}.
  std::vector<std::pair<std::string, std::string>> keys_by_name;
};

/// A Settings in hand is valid: folders exist, names are unique on each port, every site has a certificate
/// source.
struct Settings {
  std::uint32_t workers = 0;  ///< threads; 0: one per core
  std::string user;           ///< account to become after the ports are open; "": stay
  std::string group;          ///< "": the user's own
  std::filesystem::path
      state;  ///< folder for what must survive a restart; empty: the data folder of the account
  bool watch_config = false;  ///< read the configuration anew when its file changes
  LogConfig log;
  AdminConfig admin;
  tls::TlsConfig tls;             ///< defaults for sites; handshakes before the name is known
  http::HttpLimits limits;        ///< defaults for sites; requests before the name is known
  quic::QuicConfig quic;          ///< HTTP/3 beside TLS
  std::vector<SiteConfig> sites;  ///< in the file's order; at least one, or ports that need none

  /// Every address that is to be opened for sites, each once: open each with its own listener, the one with a
  /// host gets what is sent to that host. IPv6 ones with a host are IPv6 only.
  std::vector<PortConfig> ports;
  std::vector<DatagramPort> datagrams;  ///< ports of UDP
  /// Where plain HTTP is answered with redirects to https (key http_port); empty: nowhere.
  std::vector<ListenAddress> redirects;

  /// What is worth telling but stops nothing, one sentence each with its place.
  std::vector<std::string> warnings;

  bool operator==(const Settings&) const = default;

  /// The sites that answer what arrives at this listener, as indices into `sites`.
  std::vector<std::size_t> sites_at(const ListenAddress& address) const;

  /// Reads a file and lays the flags over it. Errors: config.unreadable, config.syntax, config.invalid with
  /// every bad line in its detail, one per line.
  static Result<Settings> load(const std::filesystem::path& path, const ServeFlags& flags = {});

  /// Serves one folder. Without names: https://localhost:8443 on loopback, by the local CA, no port 80; a
  /// name that is not local is served on 443, with redirects on 80, and needs a certificate. Flags change any
  /// of it. Errors: config.invalid.
  static Result<Settings> for_folder(const std::filesystem::path& folder, const ServeFlags& flags = {});
  /// The same in front of an application. to: as the key site.proxy.to. Errors: config.invalid.
  static Result<Settings> for_backend(const std::vector<std::string>& to, const ServeFlags& flags = {});
};

/// The table of sallyport.toml: what `config explain` prints.
const config::Table& settings_table();

}  // namespace sally::gateway
