#include "gateway/site_handlers.h"

#include <algorithm>

#include "handler/file_cache.h"
#include "handler/files.h"
#include "handler/redirect.h"
#include "handler/respond.h"

namespace sally::gateway {

struct SiteHandlers::Shared {
  explicit Shared(Loop& loop) : files(loop) {}
  handler::FileCache files;
};

SiteHandlers::SiteHandlers(Core& core, const Settings& settings)
    : settings_(settings), shared_(std::make_unique<Shared>(core.loop)) {}
SiteHandlers::~SiteHandlers() = default;

Result<std::unique_ptr<http::Handler>> SiteHandlers::make(const HandlerConfig& config) {
  if (config.files) return handler::Files::make(*config.files, shared_->files);
  if (config.redirect)
    return std::make_unique<handler::Redirect>(config.redirect->to, config.redirect->status,
                                               config.redirect->keep_path);
  return std::make_unique<handler::Respond>(config.respond->body, config.respond->status,
                                            config.respond->type);
}

http::Handler& SiteHandlers::https_redirect(const Site& site, std::uint16_t port) {
  std::unique_ptr<http::Handler>& made = redirects_[{&site, port}];
  if (!made) made = std::make_unique<handler::HttpsRedirect>(port != 0 ? port : https_port(site));
  return *made;
}

std::uint16_t SiteHandlers::https_port(const Site& site) const {
  const auto& at = site.config->listen;
  for (const PortConfig& port : settings_.ports)
    if (port.protocol == PortProtocol::https && std::ranges::find(at, port.address) != at.end())
      return port.address.port;
  return 443;
}

}  // namespace sally::gateway
