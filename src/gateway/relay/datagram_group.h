// gateway/relay/datagram_group.h - the backends of a port of UDP, on one core.
#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/relay/datagram_listeners.h"
#include "upstream/board.h"
#include "upstream/group.h"

namespace sally::gateway {

/// Lives as long as a session uses it.
class DatagramGroup {
 public:
  DatagramGroup(SharedDatagramPort port, upstream::Board& board);
  const DatagramPort& config() const { return *config_; }
  const SharedDatagramPort& shared_config() const { return config_; }

  /// Chooses a backend for a client's address: on each core, and for both ports of IPsec, the same one as
  /// long as that may be asked. ended() follows. Nullopt: none is left, or all have enough sessions.
  std::optional<std::size_t> choose(std::string_view client, TimePoint now);
  const SocketAddress& peer(std::size_t member, bool nat) const {
    return (nat ? nat_peers_ : peers_)[member];
  }
  const std::string& name(std::size_t member) const { return group_.member(member).address; }
  void ended(std::size_t member) { group_.ended(member); }
  void succeeded(std::size_t member, TimePoint now) { group_.succeeded(member, now); }
  /// True: it is left alone for a while from now on.
  bool failed(std::size_t member, TimePoint now) { return group_.failed(member, now); }

 private:
  std::optional<std::size_t> home_of(std::string_view client) const;

  SharedDatagramPort config_;
  std::vector<SocketAddress> peers_, nat_peers_;
  upstream::Group group_;
};
using SharedDatagramGroup = std::shared_ptr<DatagramGroup>;

}  // namespace sally::gateway
