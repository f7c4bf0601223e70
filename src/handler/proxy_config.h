// handler/proxy_config.h - the `proxy` block: which backend answers, and on which terms.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/block_fwd.h"
#include "handler/balance_config.h"
#include "net/address_range.h"
#include "net/proxy_protocol.h"
#include "upstream/terms.h"

namespace sally::handler {

/// `[site."...".proxy.tls]`: how backends that are written "https://..." prove who they are, and who we are.
struct BackendTlsConfig {
  std::filesystem::path ca;           ///< roots; empty: the system's
  std::string name;                   ///< that the certificate must cover; empty: the host of the address
  std::filesystem::path certificate;  ///< our own; empty: none is shown
  std::filesystem::path key;
  bool verify = true;
  bool http2 = true;  ///< offer HTTP/2

  bool operator==(const BackendTlsConfig&) const = default;
  static const config::Block<BackendTlsConfig>& block();
};

/// A value in hand is valid. `proxy = ["127.0.0.1:3000"]` sets `to` and leaves all else at its default.
struct ProxyConfig : upstream::Terms, SeveralConfig {
  std::string host = "client";  ///< "client", "backend", or the name that the backend is to see
  std::string resolver;         ///< DNS servers for the names of backends; empty: the system's
  BackendTlsConfig tls;
  /// Whose word about the client is passed on, with ours behind it.
  std::vector<AddressRange> trusted_proxies;
  std::optional<ProxyVersion> proxy_protocol;  ///< nullopt: none
  bool underscores = false;                    ///< pass request fields with '_' in their names

  bool operator==(const ProxyConfig&) const = default;
  static const config::Block<ProxyConfig>& block();
};

}  // namespace sally::handler
