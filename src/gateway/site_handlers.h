// gateway/site_handlers.h - makes the handlers that a site's configuration asks for, for one core.
#pragma once
#include <map>
#include <memory>
#include <utility>

#include "gateway/core.h"
#include "gateway/settings.h"
#include "gateway/site.h"

namespace sally::gateway {

/// Holds what the handlers of one core share, such as the cache of files.
class SiteHandlers {
 public:
  SiteHandlers(Core& core, const Settings& settings);
  ~SiteHandlers();

  /// Gives the site its handler or its routes. Errors: those of the handlers that are made.
  Result<> equip(Site& site);
  /// Sends a plain request to the https address of the same site; `port` 0: to the first one that the site
  /// has.
  http::Handler& https_redirect(const Site& site, std::uint16_t port);

 private:
  struct Shared;
  /// Null where nothing is configured.
  Result<std::unique_ptr<http::Handler>> make(const HandlerConfig& config);
  std::uint16_t https_port(const Site& site) const;

  const Settings& settings_;
  std::unique_ptr<Shared> shared_;
  std::map<std::pair<const Site*, std::uint16_t>, std::unique_ptr<http::Handler>> redirects_;
};

}  // namespace sally::gateway
