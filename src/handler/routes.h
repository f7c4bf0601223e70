// handler/routes.h - sends each request of a site to the handler of its route, changed as the route says.
#pragma once
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "handler/field_edits.h"
#include "handler/path_change.h"
#include "handler/route_table.h"
#include "handler/status_page.h"
#include "http/handler.h"

namespace sally::handler {

inline constexpr ErrorKind kAmbiguousPath{
    "handler.ambiguous_path",
    Blame::peer,
    Retry::never,
    "a request's path would fall under one route or another, depending on who reads it",
    "send a path without dot segments, doubled or escaped slashes and ';' where the routes of the site "
    "differ",
    "RFC 3986 6.2.2",
    -1,
    400};

/// A route of one core.
struct Route {
  std::unique_ptr<http::Handler> handler;  ///< null: the site's own
  PathChange path;
  FieldEdits request_fields;
  ResponseEdits response_fields;
  /// What the site adds to each answer, without what the route sets itself; null: what the exchange has.
  std::unique_ptr<const http::PreparedFields> added;
};

/// Not itself a handler: the one that it picks may have to wait.
class Routes {
 public:
  /// routes    one for each rule of `table`, in its order
  /// fallback  for requests that no rule holds for, and routes without a handler; null: 404
  Routes(RouteTable table, std::vector<Route> routes, std::unique_ptr<http::Handler> fallback);

  /// Applies the route's changes to `x`. A path that its readers disagree on gets 400
  /// (handler.ambiguous_path).
  http::Handler& pick(http::Exchange& x);
  /// Puts `next` in the place of what a route adds; returns what was there, which open exchanges may refer
  /// to.
  std::unique_ptr<const http::PreparedFields> replace_added(
      std::size_t route, std::unique_ptr<const http::PreparedFields> next) {
    return std::exchange(routes_[route].added, std::move(next));
  }

 private:
  RouteTable table_;
  std::vector<Route> routes_;
  std::unique_ptr<http::Handler> fallback_;
  StatusPage refusal_{kAmbiguousPath.http_status, kAmbiguousPath.id};
};

}  // namespace sally::handler
