#include "proto/http2/flood_guard.h"

#include <algorithm>

namespace sally::http2 {

const ErrorKind* FloodGuard::count(What what, TimePoint now) {
  const std::array<config::Rate, kWhats> rates = {limits_.resets,           limits_.settings,     limits_.pings,
                                                  limits_.priority_updates, limits_.empty_frames, limits_.window_updates};
  static constexpr std::array<const ErrorKind*, kWhats> kKinds = {&kResetFlood,    &kSettingsFlood,   &kPingFlood,
                                                                  &kPriorityFlood, &kEmptyFrameFlood, &kWindowFlood};
  const auto i = static_cast<std::size_t>(what);
  Bucket& bucket = buckets_[i];
  const double refilled = std::chrono::duration<double>(now - bucket.at).count() * rates[i].per_second;
  bucket.used = std::max(0.0, bucket.used - refilled) + 1;
  bucket.at = now;
  return bucket.used > rates[i].burst ? kKinds[i] : nullptr;
}

}  // namespace sally::http2
