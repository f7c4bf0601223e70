// quic/connection_ids.h - connection ids that tell us which worker a datagram belongs to, and nobody else.
#pragma once
#include <openssl/aes.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace sally::quic {

/// One block of AES, so that two ids of one connection cannot be told to belong together (RFC 9000 5.1).
using ConnectionId = std::array<std::uint8_t, 16>;
using ResetToken = std::array<std::uint8_t, 16>;

/// An id of ours, or what a client has made up: at most kMost bytes (RFC 9000 17.2).
class AnyConnectionId {
 public:
  static constexpr std::size_t kMost = 20;
  /// What is longer than kMost is cut.
  explicit AnyConnectionId(Bytes id);
  Bytes bytes() const { return std::as_bytes(std::span(bytes_).first(size_)); }
  bool operator==(const AnyConnectionId&) const = default;

 private:
  friend class ConnectionIds;
  std::array<std::uint8_t, 32> bytes_{};  ///< two blocks of AES, zeros behind the id
  std::uint8_t size_;
};

/// Makes and reads the ids of one process, with secrets of its own. Thread-safe.
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
  /// id  as long as ours.
  ResetToken reset_token(Bytes id) const;
  /// Of a table of ids. Clients choose some of them, and must not choose many with one hash.
  std::size_t hash(const AnyConnectionId& id) const;

 private:
  AES_KEY seal_, open_, reset_, hash_;
  mutable std::atomic<std::uint64_t> made_ = 0;
};

}  // namespace sally::quic
