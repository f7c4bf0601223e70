// http/http_limits.h - the `limits` block: sizes, counts and timers of everything a client may send or hold.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "config/block_fwd.h"
#include "config/rate.h"

namespace sally::http {

/// HTTP/2 only. A Rate that is exceeded ends the connection with ENHANCE_YOUR_CALM (RFC 9113 10.5).
struct Http2Limits {
  std::uint32_t max_streams = 128;
  std::uint32_t stream_window = 256 * 1024;       ///< bytes of one request body in flight to us
  std::uint32_t connection_window = 1024 * 1024;  ///< bytes of all bodies of a connection
  std::uint32_t header_table = 4096;              ///< bytes of HPACK table, each direction
  std::uint32_t frame_bytes = 16 * 1024;          ///< SETTINGS_MAX_FRAME_SIZE that we announce
  std::uint32_t continuation_frames = 8;          ///< for one header block
  config::Rate resets = {200, 20};                ///< streams that end early, whoever ended them
  config::Rate settings = {16, 1};
  config::Rate pings = {100, 10};
  config::Rate priority_updates = {500, 100};
  config::Rate empty_frames = {100, 10};  ///< DATA or CONTINUATION with no bytes and no end
  config::Rate window_updates = {2000, 1000};
  std::uint32_t control_queue = 1000;  ///< acknowledgements and resets that wait to be sent

  bool operator==(const Http2Limits&) const = default;

  static const config::Block<Http2Limits>& block();
};

/// A value in hand is valid: every field lies in the range that block() states.
struct HttpLimits {
  // The request's head.
  std::size_t request_line_bytes = 8 * 1024;
  std::size_t header_bytes = 16 * 1024;  ///< the whole head: request line and fields; HTTP/2: after HPACK
  std::uint32_t header_count = 100;
  std::size_t chunk_line_bytes = 256;  ///< a chunk's size and its extensions
  std::size_t trailer_bytes = 8 * 1024;
  std::uint32_t trailer_count = 32;
  std::uint64_t body_bytes = 0;  ///< 0: no limit
  /// HTTP/1.1: of a body that no handler read, thrown away to keep the connection; more closes it.
  std::uint64_t unread_body_bytes = 256 * 1024;

  // Timers. None of them is a wall clock on a body: that would cut honest slow transfers.
  std::chrono::milliseconds header_timeout = std::chrono::seconds(30);  ///< first byte to end of the head
  std::chrono::milliseconds body_idle_timeout = std::chrono::seconds(30);
  std::uint64_t body_minimum_rate = 240;  ///< bytes a second, measured after rate_grace; 0: none
  std::chrono::milliseconds send_idle_timeout = std::chrono::seconds(30);
  std::uint64_t send_minimum_rate = 240;  ///< bytes a second, measured after rate_grace; 0: none
  std::chrono::milliseconds rate_grace = std::chrono::seconds(10);
  std::chrono::milliseconds keep_alive_timeout = std::chrono::seconds(75);  ///< idle between requests
  std::chrono::milliseconds tunnel_idle_timeout = std::chrono::hours(1);    ///< silence of both sides
  std::chrono::milliseconds linger_timeout =
      std::chrono::seconds(2);  ///< reads on after an early last answer
  std::chrono::milliseconds parting_timeout =
      std::chrono::seconds(5);  ///< idle HTTP/1.1 connections that are to end: time for one more request
  std::chrono::milliseconds drain_timeout =
      std::chrono::seconds(60);  ///< SIGTERM to the end of open requests

  // Counts.
  std::uint64_t requests_per_connection = 0;  ///< 0: no limit
  std::size_t output_buffer_bytes =
      256 * 1024;                          ///< answer bytes held for one connection before handlers pause
  std::uint32_t max_connections = 50'000;  ///< of the whole process
  /// From one IPv4 address or one IPv6 /64; 0: no limit. Loopback clients are not counted.
  std::uint32_t max_connections_per_address = 4096;

  Http2Limits h2;

  bool operator==(const HttpLimits&) const = default;

  /// The `[limits]` table of the whole gateway.
  static const config::Block<HttpLimits>& block();
  /// The `[site."...".limits]` table: only what can still change once the request's head is read.
  static const config::Block<HttpLimits>& site_block();
};

}  // namespace sally::http
