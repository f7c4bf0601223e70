// gateway/site.h - a site as one core serves it, and the table that finds it by name.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/counts.h"
#include "gateway/site_config.h"
#include "handler/routes.h"
#include "http/handler.h"
#include "tls/server_identity.h"

namespace sally::gateway {

/// One for each core: handlers and their caches are not shared. `tls` is replaced when its certificate
/// changes. Lives through reloads that do not change it, and then as long as its last connection.
struct Site : std::enable_shared_from_this<Site> {
  explicit Site(std::shared_ptr<const SiteConfig> of) : config(std::move(of)), name(config->names.front()) {}

  const std::shared_ptr<const SiteConfig> config;
  const std::string_view name;  ///< the first of its names, for the log
  bool retired = false;         ///< by a reload: its connections are to end
  std::shared_ptr<SiteCountsOfCores> counts_of_all;
  SiteCounts* counts = nullptr;  ///< this core's
  std::shared_ptr<const tls::ServerIdentity> tls;
  std::unique_ptr<http::Handler> handler;  ///< null where there are routes: they have it
  std::unique_ptr<handler::Routes> routes;
  std::unique_ptr<const http::PreparedFields> added;  ///< HSTS, safe headers and the configured ones
  std::uint16_t quic_port = 0;                        ///< that `added` announces; 0: none
  /// Announces HTTP/3 on a UDP port from now on; 0: no more.
  void announce(std::uint16_t port);
  std::vector<std::unique_ptr<const http::PreparedFields>>
      added_before;  ///< exchanges that are open may refer to it
};

/// The fields that every answer of a site carries: HSTS by RFC 6797 on secure connections of public names,
/// nosniff, a referrer policy, and the configured ones over them ("" takes a default away).
/// without    fields that are left out, because a route sets them itself
/// quic_port  where HTTP/3 is (RFC 7838); 0: nowhere
std::unique_ptr<const http::PreparedFields> make_added_fields(
    const SiteConfig& config, const std::map<std::string, std::string>& without = {},
    std::uint16_t quic_port = 0);

/// The sites of one port. Look-ups cost one hash each; names are lower case.
class SiteTable {
 public:
  void add(std::shared_ptr<Site> site);
  /// By exact name, then by the wildcard one label up, then the fallback; null: nobody's name.
  Site* find(std::string_view name) const;
  /// For a client that named nothing: the site of that address, the fallback, or the only one there is.
  Site* unnamed(std::string_view local_address) const;
  /// In the order of the configuration; null: there is none.
  Site* first() const { return sites_.empty() ? nullptr : sites_.front().get(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  Site* exact(std::string_view name) const;

  std::unordered_map<std::string, Site*, Hash, std::equal_to<>> names_;
  std::vector<std::shared_ptr<Site>> sites_;
  Site* fallback_ = nullptr;
};

}  // namespace sally::gateway
