// quic/quic_config.h - the `quic` block: whether QUIC is spoken, and what a connection may hold and cost.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "config/block_fwd.h"
#include "quic/qlog_config.h"

namespace sally::quic {

enum class Congestion : std::uint8_t { cubic, bbr };

/// A value in hand is valid: every field lies in the range that block() states.
struct QuicConfig {
  bool on = true;  ///< HTTP/3 beside every TLS port
  std::uint32_t max_streams = 128;
  std::size_t stream_window = 256 * 1024;       ///< bytes of one request body in flight to us
  std::size_t connection_window = 1024 * 1024;  ///< bytes of all bodies of a connection
  std::size_t header_table = 4096;              ///< bytes of QPACK table, each direction
  std::uint32_t blocked_streams = 16;           ///< requests that may wait for the table
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(30);
  std::uint32_t retry_after = 1000;       ///< unfinished handshakes of a worker; 0: always a Retry
  std::uint32_t max_handshakes = 10'000;  ///< unfinished handshakes of a worker
  Congestion congestion = Congestion::cubic;
  QlogConfig qlog;

  bool operator==(const QuicConfig&) const = default;

  /// The `[quic]` table.
  static const config::Block<QuicConfig>& block();
};

}  // namespace sally::quic
