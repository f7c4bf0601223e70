// upstream/terms.h - on which terms a backend is used: its timers, sizes and counts.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sally::upstream {

/// A value in hand is valid. The keys of a `proxy` block.
struct Terms {
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(3);
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(60);  ///< request sent to head whole
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(5);     ///< between two pieces of content
  std::chrono::milliseconds send_timeout = std::chrono::seconds(60);    ///< between two pieces taken
  std::chrono::milliseconds keep_timeout = std::chrono::seconds(60);    ///< of a connection without a request
  std::uint32_t keep_connections = 256;                                 ///< without a request, of one core
  std::size_t header_bytes = 32 * 1024;                                 ///< of an answer's head
  std::uint32_t header_count = 128;                                     ///< of an answer's fields
  std::uint32_t http2_streams = 100;                                    ///< requests on one HTTP/2 connection
  std::size_t buffer_bytes = 64 * 1024;  ///< of a body, each way, between the client and the backend

  bool operator==(const Terms&) const = default;
};

}  // namespace sally::upstream
