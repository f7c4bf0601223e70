// gateway/route_config.h - the `[[site."name".route]]` block: which requests of a site, and what is done with
// them.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/block_fwd.h"
#include "gateway/handler_config.h"
#include "handler/route_table.h"

namespace sally::gateway {

/// A value in hand is valid. Which of several routes a request falls under: see handler::RouteTable.
struct RouteConfig : HandlerConfig {
  std::string path;                                    ///< "/a", "/a/*"; "": any
  std::vector<std::string> methods;                    ///< as in requests; none: any
  std::vector<std::string> fields;                     ///< "Name" or "Name: value"; all must be there
  std::vector<std::string> clients;                    ///< addresses and ranges; none: any
  bool strip_prefix = false;                           ///< what stands before the star of `path` is taken off
  std::string rewrite;                                 ///< "/v2{path}"; "": the path stays
  std::map<std::string, std::string> request_headers;  ///< "" removes
  std::map<std::string, std::string> headers;          ///< of answers; "" removes

  bool operator==(const RouteConfig&) const = default;
  static const config::Block<RouteConfig>& block();

  handler::RouteRule rule() const;
};

}  // namespace sally::gateway
