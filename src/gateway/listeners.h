// gateway/listeners.h - opens every port of the settings, one socket for each worker.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "gateway/settings.h"
#include "os/fd.h"
#include "os/notify.h"

namespace sally::gateway {

/// The sockets of one address; the kernel shares its clients out among them. Workers get copies, so that
/// these can be passed to a program that takes over.
struct OpenPort {
  std::uint64_t id = 0;     ///< never used again in this process
  PortConfig config;        ///< with the port that the system chose, if it was asked to
  ListenAddress asked;      ///< as the settings have it
  bool redirects = false;   ///< answers with redirects to https only
  std::string text;         ///< "127.0.0.1:8443"
  std::vector<Fd> sockets;  ///< number n belongs to worker n modulo the number of workers; at least one each
  std::vector<Fd> datagrams =
      {};  ///< UDP at the same address, shared out likewise; none: QUIC is not spoken here
  std::string no_datagrams = {};  ///< why not, where it should
};

/// Opens settings.ports and settings.redirects. A socket that the service manager or a program before this
/// one passed for an address is used instead of a new one; likewise those of `standing`, which is what is
/// open now, and whose entries keep their id. "localhost" is both loopback addresses; one of the two may be
/// missing on this host. Errors: net.listen_failed, naming the address, the cause and the mend; then
/// `standing` is as it was.
Result<std::vector<OpenPort>> open_ports(const Settings& settings, std::size_t workers,
                                         std::vector<InheritedSocket> inherited,
                                         std::span<const OpenPort> standing = {});

/// Copies of the sockets that belong to this worker. Errors: net.listen_failed for want of descriptors.
Result<std::vector<Fd>> sockets_of(const OpenPort& port, std::size_t worker, std::size_t workers);

/// The same of UDP: none where QUIC is not spoken.
Result<std::vector<Fd>> datagrams_of(const OpenPort& port, std::size_t worker, std::size_t workers);

}  // namespace sally::gateway
