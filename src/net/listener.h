// net/listener.h - a listening socket, and the loop's side of it that accepts.
#pragma once
#include <cstdint>

#include "base/error.h"
#include "loop/loop.h"
#include "net/socket_address.h"
#include "os/fd.h"

namespace sally {

inline constexpr ErrorKind kListenFailed{"net.listen_failed",
                                         Blame::operator_config,
                                         Retry::later,
                                         "a port cannot be opened",
                                         "see the detail: end the program that holds the port, choose "
                                         "another one, or start with the right to bind it",
                                         "",
                                         -1,
                                         0};

/// Binds and listens, with SO_REUSEPORT if `share` (then one socket for each worker binds the same address)
/// and TCP_NODELAY for what it accepts. An IPv6 socket takes IPv6 only. Errors: net.listen_failed, whose
/// detail names the address, the cause and the mend.
Result<Fd> open_listener(const SocketAddress& at, bool share, int backlog = 4096);
/// The address a socket is bound to: tells the port that the system chose.
Result<SocketAddress> bound_address(int fd);

/// Takes connections. What on_accept gets is non-blocking and close-on-exec.
struct Accepted {
  virtual void on_accept(Fd socket, const SocketAddress& client) = 0;
  /// The process ran out of descriptors or memory (`reason` is errno's text). The listener rests for 100 ms.
  virtual void on_accept_failed(int error_number) = 0;

 protected:
  ~Accepted() = default;
};

class Listener final : private Pollable, private Timer {
 public:
  Listener(Loop& loop, Fd socket, Accepted& accepted)
      : loop_(loop), fd_(std::move(socket)), accepted_(accepted) {}
  ~Listener() { close(); }
  /// Errors: loop.system_call.
  Result<> start();
  /// Connections that wait in the kernel's queue are taken first, so that none of them is reset.
  void close();
  int fd() const { return fd_.get(); }

 private:
  void on_events(std::uint32_t events) override;
  void on_timer() override;
  /// True: there may be more.
  bool accept_all();

  static constexpr int kBatch = 64;  ///< accepted in one turn: connections that are open must be served too
  Loop& loop_;
  Fd fd_;
  Accepted& accepted_;
  bool watched_ = false;
};

}  // namespace sally
