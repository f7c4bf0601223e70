// quic/path.h - from where to where a datagram goes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "net/socket_address.h"

namespace sally::quic {

struct Path {
  SocketAddress local, remote;
};

/// Where a connection's datagrams go. It gathers those of one path and size into one system call.
class DatagramSink {
 public:
  static constexpr std::size_t kMostDatagram = 32'000;
  /// The same memory until commit(): at least `size` <= kMostDatagram bytes.
  virtual std::span<std::uint8_t> room(std::size_t size) = 0;
  /// `size` bytes of it are a datagram. ecn  the two bits of RFC 3168.
  virtual void commit(std::size_t size, const Path& path, std::uint8_t ecn) = 0;

 protected:
  ~DatagramSink() = default;
};

}  // namespace sally::quic
