// net/datagram_socket.h - a UDP socket that receives and sends many datagrams in one system call.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "loop/loop.h"
#include "net/listener.h"
#include "net/socket_address.h"
#include "os/fd.h"

namespace sally {

/// Binds a UDP socket. The kernel may join datagrams of one sender (UDP_GRO), never sends fragments, and
/// tells of each the address it came to and its ECN bits. An IPv6 socket takes IPv6 only. shared  with
/// SO_REUSEPORT, so that each worker has its own at the same address; one that is not finds out
///         whether anybody else is there
/// Errors: net.listen_failed.
Result<Fd> open_datagrams(const SocketAddress& at, bool shared);
/// The same of a socket that is bound already. Errors: as above.
Result<> set_up_datagrams(int socket, const SocketAddress& at);

/// Whether this is a socket of datagrams.
bool is_datagram(int socket);

struct Datagram {
  Bytes bytes;
  SocketAddress local, remote;
  std::uint8_t ecn = 0;  ///< the two bits of RFC 3168
};

/// What of a core receives and sends: one for each core, because nothing stays in it between calls.
class DatagramBuffers {
 public:
  static constexpr std::size_t kMessages = 16;
  static constexpr std::size_t kMost = 64 * 1024;  ///< of one message: several datagrams of one sender
  DatagramBuffers() : bytes_(std::make_unique_for_overwrite<std::byte[]>(kMessages * kMost)) {}
  std::byte* message(std::size_t number) { return bytes_.get() + number * kMost; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
};

/// Takes datagrams of a socket on a loop.
struct DatagramsTaken {
  /// The bytes are valid during the call.
  virtual void on_datagram(const Datagram& datagram) = 0;
  /// A batch is through.
  virtual void on_batch_end() = 0;

 protected:
  ~DatagramsTaken() = default;
};

class DatagramSocket final : private Pollable {
 public:
  /// All outlive it.
  DatagramSocket(Loop& loop, Fd socket, DatagramBuffers& buffers, DatagramsTaken& taken)
      : loop_(loop), fd_(std::move(socket)), buffers_(buffers), taken_(taken) {}
  ~DatagramSocket() { close(); }
  /// Errors: loop.system_call, net.listen_failed.
  Result<> start();
  void close();
  /// Takes no more of them; sends as before.
  void stop_taking();
  /// Where it is bound.
  const SocketAddress& local() const { return local_; }

  /// Sends `bytes` as datagrams of `segment` bytes, the last maybe shorter, from `local` to `remote`. What
  /// the kernel does not take is lost, as anything on the way may be; false then.
  bool send(Bytes bytes, std::size_t segment, const SocketAddress& local, const SocketAddress& remote,
            std::uint8_t ecn);

 private:
  void on_events(std::uint32_t events) override;
  bool take_batch();
  void deliver(const struct msghdr& message, Bytes bytes);

  Loop& loop_;
  Fd fd_;
  DatagramBuffers& buffers_;
  DatagramsTaken& taken_;
  SocketAddress local_;
  bool watched_ = false;
};

}  // namespace sally
