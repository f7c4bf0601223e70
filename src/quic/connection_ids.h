// quic/connection_ids.h - connection ids that tell us which worker a datagram belongs to, and nobody else.
#pragma once
#include <openssl/aes.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace sally::quic {

/// One block of AES, so that two ids of one connection cannot be told to belong together (RFC 9000 5.1).
using ConnectionId = std::array<std::uint8_t, 16>;
using ResetToken = std::array<std::uint8_t, 16>;

/// Makes and reads the ids of one process, with a secret of its own. Thread-safe: constant once made.
class ConnectionIds {
 public:
  ConnectionIds();
  ~ConnectionIds();
  ConnectionIds(const ConnectionIds&) = delete;
  ConnectionIds& operator=(const ConnectionIds&) = delete;

  /// An id that nobody had before. worker  the number of the worker that has the connection.
  ConnectionId make(std::uint16_t worker) const;
  /// The worker, or nullopt: this id is not ours.
  std::optional<std::uint16_t> worker_of(Bytes id) const;
  /// What proves to a client that we do not know its connection any more (RFC 9000 10.3.2).
  ResetToken reset_token(Bytes id) const;

 private:
  AES_KEY seal_, open_;
  std::array<std::byte, 32> reset_secret_;
};

}  // namespace sally::quic
