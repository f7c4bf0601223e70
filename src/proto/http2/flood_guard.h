// proto/http2/flood_guard.h - how many frames that cost more to take than to send one client may send.
#pragma once
#include <array>
#include <cstdint>

#include "base/error.h"
#include "base/time.h"
#include "http/http_limits.h"

namespace sally::http2 {

/// Token buckets, one for each kind of frame. No clock of its own.
class FloodGuard {
 public:
  enum Kind : std::uint8_t { resets, settings, pings, priorities, empty_frames, window_updates };
  static constexpr std::size_t kKinds = 6;

  FloodGuard(const http::Http2Limits& limits, TimePoint now);

  /// Takes a token. False: there is none.
  bool spend(Kind kind, TimePoint now) {
    if (tokens_[kind] < 1) refill(kind, now);
    if (tokens_[kind] < 1) return false;
    tokens_[kind] -= 1;
    return true;
  }
  /// Gives tokens for work that the client was given: never more than the bucket holds.
  void earn(Kind kind, float tokens) {
    const float most = static_cast<float>(rate(kind).burst);
    tokens_[kind] = tokens_[kind] + tokens < most ? tokens_[kind] + tokens : most;
  }
  static const ErrorKind& error_of(Kind kind);

 private:
  void refill(Kind kind, TimePoint now);
  const config::Rate& rate(Kind kind) const;

  const http::Http2Limits& limits_;
  std::array<float, kKinds> tokens_;
  std::array<TimePoint, kKinds> filled_;  ///< when the bucket was filled up last
};

}  // namespace sally::http2
