// gateway/relay/datagram_listeners.h - opens the ports of UDP, one socket for each worker.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gateway/connection_limits.h"
#include "gateway/relay/datagram_config.h"
#include "os/fd.h"
#include "os/notify.h"

namespace sally::gateway {

using SharedDatagramPort = std::shared_ptr<const DatagramPort>;

/// The sockets of one address. The kernel gives the datagrams of one client's address and port to one of
/// them. Workers get copies.
struct OpenDatagrams {
  std::uint64_t id = 0;  ///< never used again in this process
  SharedDatagramPort config;
  bool nat = false;  ///< the second port of IPsec
  std::string text;  ///< "127.0.0.1:1194"
  std::vector<Fd> sockets;
  std::shared_ptr<ConnectionLimits> sessions;  ///< of all workers
};

/// A port of UDP and the worker's own sockets of it.
struct DatagramDuty {
  std::uint64_t id = 0;  ///< the same as long as its sockets are
  SharedDatagramPort config;
  bool nat = false;
  std::vector<Fd> sockets;  ///< empty: those that the worker has under this id, if any
  std::shared_ptr<ConnectionLimits> sessions;
};

/// Takes those of UDP out of what the service manager or the program before this one passed.
std::vector<InheritedSocket> take_datagrams(std::vector<InheritedSocket>& inherited);

/// Opens them all. One that was passed, or is among `standing`, is used instead of a new one; the latter
/// keep their id. Errors: net.listen_failed; then `standing` is as it was.
/// inherited  those of UDP; what is used loses its descriptor
Result<std::vector<OpenDatagrams>> open_datagram_ports(const std::vector<DatagramPort>& ports,
                                                       std::size_t workers,
                                                       std::vector<InheritedSocket>& inherited,
                                                       std::span<const OpenDatagrams> standing);

/// What this worker is to do; it has the sockets of `before` already. Errors: net.listen_failed for want of
/// descriptors.
Result<std::vector<DatagramDuty>> datagram_duties(const std::vector<OpenDatagrams>& ports, std::size_t worker,
                                                  std::size_t workers, std::span<const OpenDatagrams> before);

}  // namespace sally::gateway
