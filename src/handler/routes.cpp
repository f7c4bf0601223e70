#include "handler/routes.h"

namespace sally::handler {

Routes::Routes(RouteTable table, std::vector<Route> routes, std::unique_ptr<http::Handler> fallback)
    : table_(std::move(table)), routes_(std::move(routes)), fallback_(std::move(fallback)) {
  if (!fallback_) fallback_ = std::make_unique<StatusPage>(404);
}

http::Handler& Routes::pick(http::Exchange& x) {
  const std::string_view client = x.facts ? std::string_view(x.facts->client_address) : std::string_view();
  const RouteTable::Choice choice = table_.choose(x.request, client);
  if (choice.kind == RouteTable::Choice::Kind::refused) return refusal_;
  if (choice.kind == RouteTable::Choice::Kind::none) return *fallback_;
  const Route& route = routes_[choice.index];
  route.request_fields.apply(x.request.fields, x);
  route.path.apply(x, choice.segments);
  if (!route.response_fields.empty()) x.response_edit = &route.response_fields;
  if (x.added && route.added) x.added = route.added.get();
  return route.handler ? *route.handler : *fallback_;
}

}  // namespace sally::handler
