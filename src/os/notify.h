// os/notify.h - what the service manager is told, and the sockets it hands over.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "os/fd.h"
#include "os/os_error.h"

namespace sally {

/// Sends a line such as "READY=1" or "STATUS=serving 3 sites" to the service manager (sd_notify(3)).
/// False when none listens, which is no error.
bool notify_manager(const std::string& line);

/// "RELOADING=1" with the time stamp that Type=notify-reload wants.
bool notify_reloading();

/// How often "WATCHDOG=1" is due; zero when the manager asks for none.
Duration watchdog_interval();

/// A listening socket from socket activation.
struct InheritedSocket {
  Fd fd;
  std::string name;  ///< FileDescriptorName= of the socket unit; "unknown" without one
};

/// The sockets that the manager passed (LISTEN_FDS), once: a second call gives none. They are close-on-exec.
/// Errors: os.call_failed for a broken environment.
Result<std::vector<InheritedSocket>> inherited_sockets();

}  // namespace sally
