#include "gateway/site.h"

#include <algorithm>

#include "base/ascii.h"

namespace sally::gateway {
namespace {

/// RFC 6797 6.1. A browser takes it from secure answers only, and we send it on no others.
std::string hsts_value(const SiteConfig& config) {
  const HstsConfig& h = config.hsts;
  if (h.mode == HstsConfig::Mode::off) return "max-age=0";
  if (h.mode == HstsConfig::Mode::automatic && config.local()) return "";
  std::string value = "max-age=" + std::to_string(h.max_age.count());
  if (h.include_subdomains) value += "; includeSubDomains";
  if (h.preload) value += "; preload";
  return value;
}

}  // namespace

std::unique_ptr<const http::PreparedFields> make_added_fields(
    const SiteConfig& config, const std::map<std::string, std::string>& without, std::uint16_t quic_port) {
  std::map<std::string, std::string> all = {
      {"x-content-type-options", "nosniff"},
      {"referrer-policy", "strict-origin-when-cross-origin"},
      {"strict-transport-security", hsts_value(config)},
  };
  if (quic_port != 0) all["alt-svc"] = "h3=\":" + std::to_string(quic_port) + "\"; ma=86400";
  for (const auto& [name, value] : config.headers) all[ascii_lower(name)] = value;
  for (const auto& [name, value] : without) all.erase(ascii_lower(name));
  std::erase_if(all, [](const auto& field) { return field.second.empty(); });

  auto made = std::make_unique<http::PreparedFields>();  // in its final place: the list points into the text
  for (const auto& [name, value] : all) made->texts += name + value;
  std::string_view rest = made->texts;
  for (const auto& [name, value] : all) {
    made->http1 += name + ": " + value + "\r\n";
    made->fields.add(rest.substr(0, name.size()), rest.substr(name.size(), value.size()));
    rest.remove_prefix(name.size() + value.size());
  }
  return made;
}

void Site::announce(std::uint16_t port) {
  if (port == quic_port) return;
  quic_port = port;
  added_before.push_back(std::move(added));
  added = make_added_fields(*config, {}, port);
  for (std::size_t i = 0; i < config->routes.size(); ++i)
    if (const RouteConfig& route = config->routes[i]; !route.headers.empty())
      added_before.push_back(routes->replace_added(i, make_added_fields(*config, route.headers, port)));
}

void SiteTable::add(std::shared_ptr<Site> site) {
  for (const std::string& name : site->config->names) names_.emplace(name, site.get());
  if (site->config->fallback) fallback_ = site.get();
  sites_.push_back(std::move(site));
}

Site* SiteTable::exact(std::string_view name) const {
  const auto it = names_.find(name);
  return it == names_.end() ? nullptr : it->second;
}

Site* SiteTable::find(std::string_view name) const {
  if (Site* site = exact(name)) return site;
  // RFC 9525 6.3: a wildcard stands for exactly one left-most label.
  if (const std::size_t dot = name.find('.'); dot != std::string_view::npos && dot > 0)
    if (Site* site = exact("*" + std::string(name.substr(dot)))) return site;
  return fallback_;
}

Site* SiteTable::unnamed(std::string_view local_address) const {
  if (Site* site = exact(local_address)) return site;
  if (fallback_) return fallback_;
  return sites_.size() == 1 ? sites_.front().get() : nullptr;
}

}  // namespace sally::gateway
