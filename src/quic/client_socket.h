// quic/client_socket.h - a connected UDP socket of a client: gives and takes many datagrams in one system
// call.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/error.h"
#include "net/socket_address.h"
#include "os/fd.h"
#include "quic/connection.h"

namespace sally::quic {

inline constexpr ErrorKind kSocketFailed{"quic.socket_failed",
                                         Blame::system,
                                         Retry::later,
                                         "no UDP socket to this address could be opened",
                                         "read the reason in the detail",
                                         "",
                                         -1,
                                         0};

/// Room for what a thread's sockets send and receive: nothing stays in it between calls.
struct ClientBuffers {
  static constexpr std::size_t kMost = 64 * 1024;
  std::array<std::uint8_t, kMost> gathered;
  std::array<std::byte, kMost> received;
};

/// Not thread-safe. After produce() of its connection flush() is due before another socket uses the buffers.
class ClientSocket final : public DatagramSink {
 public:
  /// Not blocking, no fragments, joined by the kernel on receiving (UDP_GRO). `buffers` outlives it.
  /// Errors: quic.socket_failed.
  static Result<ClientSocket> open(const SocketAddress& to, ClientBuffers& buffers);
  ClientSocket(ClientSocket&&) = default;
  ClientSocket& operator=(ClientSocket&&) = default;

  int fd() const { return fd_.get(); }
  const Path& path() const { return path_; }

  std::span<std::uint8_t> room(std::size_t size) override;
  void commit(std::size_t size, const Path& path, std::uint8_t ecn) override;
  /// Sends what was gathered. What the kernel does not take is lost, as anything on the way may be.
  void flush();

  struct Taken {
    std::size_t bytes = 0;
    int error = 0;      ///< errno: nobody listens there, no way to it; 0: none
    bool more = false;  ///< the socket may have more
  };
  /// Gives what one call receives to `connection`.
  Taken take(Connection& connection, TimePoint now);

  std::uint64_t sent_bytes() const { return sent_; }

 private:
  static constexpr std::size_t kSegments = 64;          ///< the kernel's own limit (UDP_MAX_SEGMENTS)
  static constexpr std::size_t kMostGathered = 64'000;  ///< bytes of one call: one UDP length is for all

  ClientSocket(Fd fd, ClientBuffers& buffers) : fd_(std::move(fd)), buffers_(&buffers) {}
  void send(std::span<const std::uint8_t> bytes, std::size_t segment);

  Fd fd_;
  ClientBuffers* buffers_;
  Path path_;
  std::size_t used_ = 0, segment_ = 0, count_ = 0;
  bool short_ = false;  ///< the last one was shorter: only the last of a batch may be
  std::uint64_t sent_ = 0;
  int refused_ = 0;  ///< what sending was told of what was sent before
};

}  // namespace sally::quic
