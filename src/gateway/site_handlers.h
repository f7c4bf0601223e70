// gateway/site_handlers.h - makes the handlers that a site's configuration asks for, for one core.
#pragma once
#include <map>
#include <memory>

#include "gateway/core.h"
#include "gateway/error_log.h"
#include "gateway/relay/relay_door.h"
#include "gateway/settings.h"
#include "gateway/site.h"
#include "upstream/board.h"

namespace sally::gateway {

/// Holds what the handlers of one core share, such as the cache of files.
class SiteHandlers {
 public:
  SiteHandlers(Core& core, upstream::Board& board, ErrorLog& errors);
  ~SiteHandlers();

  /// Gives the site its handler or its routes. Errors: those of the handlers that are made.
  Result<> equip(Site& site);
  /// What a port carries beside the web. Errors: those of the backends' TLS.
  Result<std::shared_ptr<RelayDoor>> open_relay(const PortConfig& port);
  /// Sends a plain request to this port of the same host, by https.
  http::Handler& https_redirect(std::uint16_t port);

 private:
  struct Shared;
  Result<handler::ProxyParts> proxy_parts(const std::string& resolver, const std::string& name);
  /// speaks  what its health and its counters go by
  Result<SharedGroup> relay_group(const RelayTarget& target, const std::string& name, std::uint16_t port,
                                  std::string_view speaks);
  /// Null where nothing is configured.
  /// name  of the site, and of the route where it is one's
  Result<std::unique_ptr<http::Handler>> make(const HandlerConfig& config, const std::string& name);

  std::unique_ptr<Shared> shared_;
  std::map<std::uint16_t, std::unique_ptr<http::Handler>> redirects_;
};

/// The first port that serves the site over TLS; 443 if there is none.
std::uint16_t https_port(const Settings& settings, const SiteConfig& site);

}  // namespace sally::gateway
