// gateway/duty.h - what one worker is to serve of a generation.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/generation.h"
#include "gateway/relay/datagram_listeners.h"
#include "os/fd.h"
#include "tls/server_identity.h"

namespace sally::gateway {

using SharedIdentity = std::shared_ptr<const tls::ServerIdentity>;

/// A port and the worker's own sockets of it.
struct DoorDuty {
  std::uint64_t id = 0;  ///< of the port: the same as long as its sockets are
  PortConfig config;
  ListenAddress asked;
  bool redirects = false;
  std::vector<Fd> sockets;         ///< empty: those that the worker has under this id
  std::vector<Fd> datagrams = {};  ///< likewise, of UDP
  bool quic = false;               ///< spoken here
};

struct Duty {
  SharedGeneration generation;
  std::vector<SharedIdentity> identities;  ///< by the site's place; null for one that only plain ports serve
  std::vector<DoorDuty> doors;             ///< all of them: what is not here is closed
  std::vector<DatagramDuty> datagrams = {};  ///< likewise
};

}  // namespace sally::gateway
