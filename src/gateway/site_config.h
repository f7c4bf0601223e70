// gateway/site_config.h - the `site."name"` block: one name that is served, and what is done for it.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/block_fwd.h"
#include "gateway/handler_config.h"
#include "gateway/listen_address.h"
#include "gateway/route_config.h"
#include "http/http_limits.h"
#include "tls/tls_config.h"

namespace sally::gateway {

/// Strict-Transport-Security (RFC 6797). Written "auto", "off", a duration, or a table with these keys.
struct HstsConfig {
  enum class Mode : std::uint8_t {
    automatic,  ///< two years on public names, nothing on local ones
    off,        ///< max-age=0: browsers forget what they were told (RFC 6797 6.1.1)
    fixed,      ///< `max_age`
  };
  Mode mode = Mode::automatic;
  std::chrono::seconds max_age = std::chrono::days(730);
  bool include_subdomains = false;
  bool preload = false;

  bool operator==(const HstsConfig&) const = default;
  static const config::Block<HstsConfig>& block();
};

/// A certificate and its key, as files.
struct KeyPairFiles {
  std::filesystem::path certificate;  ///< PEM: leaf first, then intermediates
  std::filesystem::path key;          ///< PEM

  bool operator==(const KeyPairFiles&) const = default;
};

/// A value in hand is valid: it has at least one name and one address, and exactly one handler, or none and
/// at least one route.
struct SiteConfig : HandlerConfig {
  std::vector<std::string> names;  ///< lower case, no port; "*.example.com" stands for one label
  /// Where it answers: over TLS, or plain where Settings::ports says so. "localhost" is two addresses here.
  std::vector<ListenAddress> listen;
  /// ECDSA and RSA side by side, say. Empty: the local CA issues one; then all names are local names.
  std::vector<KeyPairFiles> certificates;
  bool fallback = false;      ///< key `default`: also answers names that no site has
  bool redirect_http = true;  ///< http_port answers this site's names with a redirect to https
  HstsConfig hsts;
  std::vector<RouteConfig> routes;             ///< in the file's order
  std::map<std::string, std::string> headers;  ///< added to every answer; "" takes a default one away
  tls::TlsConfig tls;                          ///< the gateway's, with this site's changes
  http::HttpLimits limits;                     ///< the gateway's, with this site's changes

  bool operator==(const SiteConfig&) const = default;

  /// Every name is_local_name().
  bool local() const;
};

/// Whether no public CA vouches for such a name, so that the local CA may: localhost, *.localhost, *.test
/// (RFC 6761),
/// *.local (RFC 6762), *.home.arpa (RFC 8375), *.internal, a name without a dot, and any IP address.
bool is_local_name(std::string_view name);

}  // namespace sally::gateway
