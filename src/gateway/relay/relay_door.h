// gateway/relay/relay_door.h - the backends of a port that carries other protocols than the web, on one core.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/relay/relay_config.h"
#include "gateway/relay/relay_counts.h"
#include "handler/backends.h"
#include "proto/protocol.h"
#include "proto/server_side.h"
#include "tls/server_identity.h"

namespace sally::gateway {

/// Backends that do the same. Lives as long as a connection uses it.
struct RelayGroup {
  RelayGroup(const RelayTarget& from, handler::ProxyConfig as_proxy, const handler::ProxyParts& parts,
             std::shared_ptr<RelayCounts> counted)
      : target(from), config(std::move(as_proxy)), counts(std::move(counted)), backends(config, parts) {}

  const RelayTarget target;
  const handler::ProxyConfig config;
  const std::shared_ptr<RelayCounts> counts;
  handler::Backends backends;
};
using SharedGroup = std::shared_ptr<RelayGroup>;

/// A port's. Null where nothing is configured.
struct RelayDoor {
  RelayConfig config;
  const proto::Protocol* protocol = nullptr;       ///< null: the web
  const proto::Protocol* dialogue = nullptr;       ///< that leads to TLS at backends
  const proto::ServerSide* plain_first = nullptr;  ///< what is said before TLS; null: TLS begins at once
  const proto::ServerSide* server_side = nullptr;  ///< of `dialogue`
  bool files = false;                              ///< FTP: data connections come beside
  tls::Application application{};
  SharedGroup inside;
  std::vector<SharedGroup> pass;  ///< as config.pass
  SharedGroup ssh, openvpn, sstp;

  /// Whose ClientHello says so; null: nobody's.
  SharedGroup passes(std::string_view name, const std::vector<std::string>& offered) const;
};

/// The row whose STARTTLS a backend of `id` speaks: that of "imap" for "imaps". Null: there is none.
const proto::Protocol* backend_dialogue(std::string_view id);
/// The rows that a port can carry: `imap` on port 993 means `imaps`. Null: it is not carried.
const proto::Protocol* relayed_protocol(std::string_view written, std::uint16_t port);
/// For the table of keys: relayed_protocol() knows each, on every port.
std::vector<std::string_view> relayed_words();

}  // namespace sally::gateway
