#include "proto/http2/flood_guard.h"

#include <algorithm>

#include "proto/http2/errors.h"

namespace sally::http2 {

FloodGuard::FloodGuard(const http::Http2Limits& limits, TimePoint now) : limits_(limits) {
  filled_.fill(now);
  for (std::uint8_t k = 0; k < kKinds; ++k) tokens_[k] = static_cast<float>(rate(static_cast<Kind>(k)).burst);
}

void FloodGuard::refill(Kind kind, TimePoint now) {
  const std::chrono::duration<float> passed = now - filled_[kind];
  filled_[kind] = now;
  earn(kind, std::max(passed.count(), 0.0F) * static_cast<float>(rate(kind).per_second));
}

const config::Rate& FloodGuard::rate(Kind kind) const {
  switch (kind) {
    case resets:
      return limits_.resets;
    case settings:
      return limits_.settings;
    case pings:
      return limits_.pings;
    case priorities:
      return limits_.priority_updates;
    case empty_frames:
      return limits_.empty_frames;
    case window_updates:
      break;
  }
  return limits_.window_updates;
}

const ErrorKind& FloodGuard::error_of(Kind kind) {
  switch (kind) {
    case resets:
      return kTooManyResets;
    case settings:
      return kTooManySettings;
    case pings:
      return kTooManyPings;
    case priorities:
      return kTooManyPriorities;
    case empty_frames:
      return kTooManyEmpty;
    case window_updates:
      break;
  }
  return kTooManyUpdates;
}

}  // namespace sally::http2
