#include "gateway/site_handlers.h"

#include <fmt/format.h>

#include <algorithm>

#include "handler/backend_tls.h"
#include "handler/file_cache.h"
#include "handler/files.h"
#include "handler/proxy.h"
#include "handler/redirect.h"
#include "handler/respond.h"

namespace sally::gateway {

struct SiteHandlers::Shared {
  Shared(Loop& on, upstream::Board& posts, ErrorLog& log) : loop(on), board(posts), errors(log), files(on) {}
  Loop& loop;
  upstream::Board& board;
  ErrorLog& errors;
  handler::FileCache files;
  upstream::ConnectionScratch scratch;
  std::map<std::string, std::unique_ptr<Resolver>> resolvers;  ///< by the servers that they ask
};

SiteHandlers::SiteHandlers(Core& core, upstream::Board& board, ErrorLog& errors)
    : shared_(std::make_unique<Shared>(core.loop, board, errors)) {}
SiteHandlers::~SiteHandlers() = default;

Result<handler::ProxyParts> SiteHandlers::proxy_parts(const std::string& resolver, const std::string& name) {
  std::unique_ptr<Resolver>& asked = shared_->resolvers[resolver];
  if (!asked) {
    TRY(asked, Resolver::make(shared_->loop, resolver));
  }
  return handler::ProxyParts{
      {shared_->loop, shared_->scratch, asked.get()},
      shared_->board,
      name,
      [this, name](const std::string& what) { shared_->errors.warning(name + ": " + what); }};
}

Result<std::unique_ptr<http::Handler>> SiteHandlers::make(const HandlerConfig& config,
                                                          const std::string& name) {
  if (config.files) return handler::Files::make(*config.files, shared_->files);
  if (config.proxy) {
    TRY(auto parts, proxy_parts(config.proxy->resolver, name));
    return handler::Proxy::make(*config.proxy, std::move(parts));
  }
  if (config.redirect)
    return std::make_unique<handler::Redirect>(config.redirect->to, config.redirect->status,
                                               config.redirect->keep_path);
  if (config.respond)
    return std::make_unique<handler::Respond>(config.respond->body, config.respond->status,
                                              config.respond->type);
  return nullptr;
}

Result<> SiteHandlers::equip(Site& site) {
  const SiteConfig& config = *site.config;
  TRY(site.handler, make(config, std::string(site.name)));
  if (config.routes.empty()) return {};
  std::vector<handler::RouteRule> rules;
  std::vector<handler::Route> routes;
  for (const RouteConfig& from : config.routes) {
    rules.push_back(from.rule());
    TRY(auto handler, make(from, fmt::format("{} route {}", site.name, rules.size())));
    routes.push_back({std::move(handler), handler::PathChange(from.strip_prefix, from.rewrite),
                      handler::FieldEdits(from.request_headers),
                      handler::ResponseEdits(handler::FieldEdits(from.headers)),
                      from.headers.empty() ? nullptr : make_added_fields(config, from.headers)});
  }
  site.routes = std::make_unique<handler::Routes>(handler::RouteTable(std::move(rules)), std::move(routes),
                                                  std::move(site.handler));
  return {};
}

Result<SharedGroup> SiteHandlers::relay_group(const RelayTarget& target, const std::string& name,
                                              std::uint16_t port, std::string_view speaks) {
  handler::ProxyConfig config = target.proxy(speaks);
  TRY(auto parts, proxy_parts(config.resolver, name));
  TRY(parts.tls, handler::BackendTls::rules_of(config));
  auto counts = std::make_shared<RelayCounts>(port, speaks);
  MetricSources::process().add(counts);
  return std::make_shared<RelayGroup>(target, std::move(config), parts, std::move(counts));
}

Result<std::shared_ptr<RelayDoor>> SiteHandlers::open_relay(const PortConfig& port) {
  auto door = std::make_shared<RelayDoor>();
  const RelayConfig& config = door->config = *port.relay;
  const std::string name = "port " + port.address.text();
  const std::uint16_t number = port.address.port;
  if (!config.speaks.empty()) {
    door->protocol = proto::protocol_named(config.speaks);
    door->dialogue = backend_dialogue(config.speaks);
    door->plain_first = proto::server_side_of(*door->protocol);
    door->files = door->dialogue != nullptr && door->dialogue->id == "ftp";
    if (door->dialogue != nullptr) door->server_side = proto::server_side_of(*door->dialogue);
    door->application = {door->protocol->alpn, config.speaks != "tls"};
  }
  if (!config.to.empty()) {
    TRY(door->inside, relay_group(config, name, number, config.speaks));
  }
  for (const PassRule& rule : config.pass) {
    TRY(door->pass.emplace_back(),
        relay_group(rule, fmt::format("{} pass {}", name, door->pass.size() + 1), number, "tls"));
  }
  if (config.share && config.share->ssh) {
    TRY(door->ssh, relay_group(*config.share->ssh, name + " ssh", number, "ssh"));
  }
  if (config.share && config.share->openvpn) {
    TRY(door->openvpn, relay_group(*config.share->openvpn, name + " openvpn", number, "openvpn"));
  }
  if (config.share && config.share->sstp) {
    TRY(door->sstp, relay_group(*config.share->sstp, name + " sstp", number, "sstp"));
  }
  return door;
}

http::Handler& SiteHandlers::https_redirect(std::uint16_t port) {
  std::unique_ptr<http::Handler>& made = redirects_[port];
  if (!made) made = std::make_unique<handler::HttpsRedirect>(port);
  return *made;
}

std::uint16_t https_port(const Settings& settings, const SiteConfig& site) {
  for (const PortConfig& port : settings.ports)
    if (port.protocol == PortProtocol::https &&
        std::ranges::find(site.listen, port.address) != site.listen.end())
      return port.address.port;
  return 443;
}

}  // namespace sally::gateway
