// proto/http2/flood_guard.h - counts what costs us more than it costs the client, and says when it is too often.
#pragma once
#include <array>
#include <cstdint>

#include "base/error.h"
#include "base/time.h"
#include "http/http_limits.h"

namespace sally::http2 {

// clang-format off
inline constexpr ErrorKind kResetFlood{"http2.reset_flood", Blame::peer, Retry::never,
    "the client lets too many requests end early", "raise limits.h2.resets if the client is honest", "RFC 9113 10.5, CVE-2023-44487, CVE-2025-8671", -1, 0};
inline constexpr ErrorKind kSettingsFlood{"http2.settings_flood", Blame::peer, Retry::never,
    "the client sends SETTINGS too often", "raise limits.h2.settings if the client is honest", "RFC 9113 10.5", -1, 0};
inline constexpr ErrorKind kPingFlood{"http2.ping_flood", Blame::peer, Retry::never,
    "the client sends PING too often", "raise limits.h2.pings if the client is honest", "RFC 9113 10.5", -1, 0};
inline constexpr ErrorKind kPriorityFlood{"http2.priority_flood", Blame::peer, Retry::never,
    "the client changes priorities too often", "raise limits.h2.priority_updates if the client is honest", "RFC 9113 10.5", -1, 0};
inline constexpr ErrorKind kEmptyFrameFlood{"http2.empty_frame_flood", Blame::peer, Retry::never,
    "the client sends frames that carry nothing too often", "raise limits.h2.empty_frames if the client is honest", "RFC 9113 10.5", -1, 0};
inline constexpr ErrorKind kWindowFlood{"http2.window_update_flood", Blame::peer, Retry::never,
    "the client sends WINDOW_UPDATE too often", "raise limits.h2.window_updates if the client is honest", "RFC 9113 10.5", -1, 0};
inline constexpr ErrorKind kHeaderBomb{"http2.header_bomb", Blame::peer, Retry::never,
    "a header block goes far past every limit", "raise limits.header_bytes if the client is honest", "RFC 9113 10.5.1", -1, 0};
// clang-format on

/// One for each connection. Every limit is a token bucket with a key of its own.
class FloodGuard {
 public:
  enum class What : std::uint8_t { reset, settings, ping, priority, empty_frame, window_update };
  static constexpr std::size_t kWhats = 6;

  explicit FloodGuard(const http::Http2Limits& limits) : limits_(limits) {}
  /// Counts one event. Its error when the bucket is empty, else null.
  const ErrorKind* count(What what, TimePoint now);

 private:
  struct Bucket {
    double used = 0;
    TimePoint at{};
  };
  const http::Http2Limits& limits_;
  std::array<Bucket, kWhats> buckets_;
};

}  // namespace sally::http2
