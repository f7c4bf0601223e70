// gateway/port.h - one listening port as a core serves it.
#pragma once
#include "gateway/settings.h"
#include "gateway/site.h"

namespace sally::gateway {

/// What is done with the connections of a port.
struct Port {
  PortConfig config;
  SiteTable sites;
  /// Answers everything with a redirect to https: the port that http_port opens.
  bool redirects = false;
};

}  // namespace sally::gateway
