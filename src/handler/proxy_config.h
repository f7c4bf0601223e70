// handler/proxy_config.h - the `proxy` block: which backend answers, and on which terms.
#pragma once
#include <string>
#include <vector>

#include "config/block_fwd.h"
#include "handler/balance_config.h"
#include "upstream/terms.h"

namespace sally::handler {

/// A value in hand is valid. `proxy = ["127.0.0.1:3000"]` sets `to` and leaves all else at its default.
struct ProxyConfig : upstream::Terms, SeveralConfig {
  std::string host = "client";  ///< "client", "backend", or the name that the backend is to see
  bool underscores = false;     ///< pass request fields with '_' in their names

  bool operator==(const ProxyConfig&) const = default;
  static const config::Block<ProxyConfig>& block();
};

}  // namespace sally::handler
