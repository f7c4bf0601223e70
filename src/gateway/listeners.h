// gateway/listeners.h - opens every port of the settings, one socket for each worker.
#pragma once
#include <vector>

#include "gateway/settings.h"
#include "os/fd.h"
#include "os/notify.h"

namespace sally::gateway {

/// The sockets of one address, one for each worker; all of them share the kernel's queue of that address.
struct OpenPort {
  PortConfig config;       ///< with the port that the system chose, if it was asked to
  ListenAddress asked;     ///< as the settings have it
  bool redirects = false;  ///< answers with redirects to https only
  std::string text;        ///< "127.0.0.1:8443"
  std::vector<Fd> sockets;
};

/// Opens settings.ports and settings.redirects. A socket that the service manager passed for an address is
/// used instead of a new one. "localhost" is both loopback addresses; one of the two may be missing on this
/// host. Errors: net.listen_failed, naming the address, the cause and the mend.
Result<std::vector<OpenPort>> open_ports(const Settings& settings, std::size_t workers,
                                         std::vector<InheritedSocket> inherited);

}  // namespace sally::gateway
