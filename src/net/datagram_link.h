// net/datagram_link.h - a UDP socket that speaks with one peer, many datagrams in one system call.
#pragma once
#include <cstddef>

#include "base/bytes.h"
#include "base/error.h"
#include "net/datagram_socket.h"
#include "net/socket_address.h"
#include "os/fd.h"

namespace sally {

// clang-format off
inline constexpr ErrorKind kNoLink{"net.datagram_link_failed", Blame::system, Retry::later,
    "no socket can be had for a peer of UDP",
    "read why in the detail: raise the limit of open files, or mend the route to the peer", "", -1, 0};
inline constexpr ErrorKind kRefusedDatagram{"net.datagram_refused", Blame::upstream, Retry::other_upstream,
    "the peer's host says that nobody takes datagrams there", "start the peer, or mend its address", "RFC 1122 3.2.2.1", -1, 0};
// clang-format on

/// How datagrams that are longer than the way is wide go on: in fragments, as they came. For a relay, whose
/// ends look for the width of the way themselves. `fd` is a UDP socket of `family`.
void allow_fragments(int fd, int family);

/// What came in one piece from the kernel: datagrams of `segment` bytes, the last maybe shorter.
struct DatagramRun {
  Bytes bytes;
  std::size_t segment = 0;

  std::size_t count() const { return segment == 0 ? 0 : (bytes.size() + segment - 1) / segment; }
};

struct RunsTaken {
  /// The bytes are valid during the call. Must not close the link.
  virtual void on_run(const DatagramRun& run) = 0;

 protected:
  ~RunsTaken() = default;
};

class DatagramLink {
 public:
  /// From a port of the system's choice. Errors: net.datagram_link_failed.
  static Result<DatagramLink> open(const SocketAddress& peer);

  int fd() const { return fd_.get(); }
  /// What the kernel does not take is lost, as anything on the way may be; false then.
  bool send(const DatagramRun& run);
  /// Takes what is there, at most a batch. True: there may be more. Errors: net.datagram_refused, once for
  /// each time that the peer's host said so.
  Result<bool> take(DatagramBuffers& buffers, RunsTaken& taken);

 private:
  explicit DatagramLink(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  bool refused_ = false;  ///< told to send(), and not yet by take()
};

}  // namespace sally
