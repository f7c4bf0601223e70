// gateway/stray_channel.h - carries datagrams from the process that reads a UDP port now to the one before
// it, which still has connections there.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "net/socket_address.h"
#include "os/fd.h"
#include "os/os_error.h"

namespace sally::gateway {

/// A datagram that came to another worker or process than the one that has its connection.
struct StrayDatagram {
  std::uint64_t door = 0;  ///< where it came in; 0: in another process
  std::string bytes;
  SocketAddress local, remote;
  std::uint8_t ecn = 0;  ///< the two bits of RFC 3168
};

/// ecn, length and address of both ends, the datagram.
std::string pack_stray(const StrayDatagram& stray);
/// Nullopt: not what pack_stray() makes.
std::optional<StrayDatagram> unpack_stray(Bytes packed);

/// One end of it. What does not fit is lost, as anything on a network may be.
class StrayChannel {
 public:
  /// The end that gives and the end that takes. Errors: os.call_failed.
  static Result<std::pair<Fd, Fd>> make();

  StrayChannel() = default;
  /// Before any other thread uses it.
  void use(Fd end) { end_ = std::move(end); }
  /// Whether somebody may take; from any thread. It is false for good when he has gone.
  bool open() const { return end_ && !gone_.load(std::memory_order_relaxed); }
  /// From any thread.
  void give(const StrayDatagram& stray);
  /// The next that waits; nullopt: none.
  std::optional<StrayDatagram> take();
  int fd() const { return end_.get(); }

 private:
  static constexpr std::size_t kMost = 64 * 1024 + 512;

  Fd end_;
  std::atomic<bool> gone_ = false;
};

}  // namespace sally::gateway
