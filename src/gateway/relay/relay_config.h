// gateway/relay/relay_config.h - ports that carry other protocols than the web: where their connections go.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/block_fwd.h"
#include "handler/proxy_config.h"

namespace sally::gateway {

/// Which backends get the bytes of a connection, and on which terms. A value in hand is valid.
struct RelayTarget {
  std::vector<upstream::MemberTerms> to;
  std::optional<ProxyVersion> proxy_protocol;  ///< sent to the backend before all else; nullopt: none
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);  ///< with TLS towards the backend
  std::chrono::milliseconds idle_timeout = std::chrono::hours(1);  ///< in which nothing moves either way
  std::chrono::milliseconds half_closed_timeout = std::chrono::minutes(5);  ///< the same, once one side ended
  std::size_t buffer_bytes = 64 * 1024;  ///< that wait for a slow end, each way
  handler::BalanceConfig balance;
  std::optional<handler::HealthConfig> health;  ///< Kind::tcp or Kind::greeting
  upstream::EjectionTerms eject;
  handler::BackendTlsConfig tls;
  handler::QueueConfig queue;

  bool operator==(const RelayTarget&) const = default;
  static const config::Block<RelayTarget>& block();
  /// As the backends of a proxy. speaks: what their health is judged by, a row of the registry or "".
  handler::ProxyConfig proxy(std::string_view speaks) const;
};

/// `[[port.443.pass]]`: connections that are not decrypted here.
struct PassRule : RelayTarget {
  std::vector<std::string>
      names;  ///< of the ClientHello, lower case; "*.example.com" one label, "*" every name
  std::vector<std::string> alpn;  ///< one of them must be offered; empty: any

  bool operator==(const PassRule&) const = default;
  static const config::Block<PassRule>& block();
  bool fits(std::string_view name, const std::vector<std::string>& offered) const;
};

/// `[port.443.share]`: what else comes by a port of TLS.
struct ShareConfig {
  enum class Silent : std::uint8_t { close, ssh, openvpn };
  std::optional<RelayTarget> ssh, openvpn;
  std::optional<RelayTarget> sstp;  ///< inside the TLS of the sites
  Silent silent = Silent::close;    ///< where a client goes that says nothing
  std::chrono::milliseconds silence = std::chrono::seconds(3);

  bool operator==(const ShareConfig&) const = default;
  static const config::Block<ShareConfig>& block();
};

/// `[port.143.starttls]`: what a client may say before TLS, where the protocol begins in plain text.
struct StarttlsConfig {
  std::chrono::milliseconds timeout = std::chrono::seconds(60);  ///< until it has asked for TLS
  std::size_t line_bytes = 2048;
  std::uint32_t commands = 30;

  bool operator==(const StarttlsConfig&) const = default;
  static const config::Block<StarttlsConfig>& block();
};

/// FTP's data connections.
struct FtpConfig {
  std::string passive_ports;    ///< "50000-50100", inclusive; empty: the system chooses
  std::string passive_address;  ///< IPv4, what PASV tells the client; empty: the one that it came to
  std::chrono::milliseconds data_timeout = std::chrono::seconds(30);  ///< until one stands, with TLS

  bool operator==(const FtpConfig&) const = default;
  static const config::Block<FtpConfig>& block();
};

/// All of it, of one port.
struct RelayConfig : RelayTarget {  ///< the target of what is decrypted here; no `to`: nothing is
  std::string speaks;               ///< the row of the registry that is spoken inside TLS; "": the web
  std::vector<PassRule> pass;
  std::optional<ShareConfig> share;
  StarttlsConfig starttls;
  FtpConfig ftp;

  bool operator==(const RelayConfig&) const = default;
  /// TLS begins with a site's certificate, and what is inside goes to the target.
  bool terminates() const { return !speaks.empty() && !to.empty(); }
};

}  // namespace sally::gateway
