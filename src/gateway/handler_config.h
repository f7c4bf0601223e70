// gateway/handler_config.h - what is done with a request: the keys that sites and their routes share.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "config/block_fwd.h"
#include "handler/files_config.h"
#include "handler/proxy_config.h"

namespace sally::gateway {

/// `redirect = "https://www.example.com"`: every request is sent there.
struct RedirectConfig {
  std::string to;              ///< "https://host" or "https://host/path"
  std::uint16_t status = 308;  ///< 301, 302, 303, 307 or 308 (RFC 9110 15.4)
  bool keep_path = true;       ///< the request's path and query are appended to `to`

  bool operator==(const RedirectConfig&) const = default;
  static const config::Block<RedirectConfig>& block();
};

/// `respond = "text"`: every request gets this answer.
struct RespondConfig {
  std::string body;
  std::uint16_t status = 200;
  std::string type = "text/plain; charset=utf-8";

  bool operator==(const RespondConfig&) const = default;
  static const config::Block<RespondConfig>& block();
};

/// At most one of them is set in a value in hand; none in a route means the site's own handler.
struct HandlerConfig {
  std::optional<handler::FilesConfig> files;
  std::optional<handler::ProxyConfig> proxy;
  std::optional<RedirectConfig> redirect;
  std::optional<RespondConfig> respond;

  bool operator==(const HandlerConfig&) const = default;
};

}  // namespace sally::gateway
