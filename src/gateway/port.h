// gateway/port.h - one listening port as a core serves it.
#pragma once
#include <memory>

#include "gateway/generation.h"
#include "gateway/relay/relay_door.h"
#include "gateway/site.h"

namespace sally::gateway {

/// What is done with the connections of a port. Constant once made; a reload makes another one.
struct Port {
  PortConfig config;
  SiteTable sites;
  /// Answers everything with a redirect to https: the port that http_port opens.
  bool redirects = false;
  std::shared_ptr<const PortDefaults> defaults;
  std::shared_ptr<const RelayDoor> relay;  ///< what the port carries beside the web; null: nothing
};
using SharedPort = std::shared_ptr<const Port>;

}  // namespace sally::gateway
