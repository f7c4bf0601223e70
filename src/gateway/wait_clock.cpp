#include "gateway/wait_clock.h"

#include <algorithm>

namespace sally::gateway {

void WaitClock::enter(CodecWait wait, std::uint64_t received, std::uint64_t sent, TimePoint now) {
  const bool fresh = wait != wait_ || since_ == TimePoint{};
  const std::uint64_t before = moved();
  received_ = received;
  sent_ = sent;
  wait_ = wait;
  if (fresh) {
    since_ = progress_ = rate_from_ = now;
    rate_base_ = moved();
  } else if (moved() != before) {
    progress_ = now;
    // A request that was answered and the next one that waits are two waits, though they look the same.
    if (wait == CodecWait::idle) since_ = now;
  }
}

Deadline WaitClock::deadline(const http::HttpLimits& limits) const {
  switch (wait_) {
    case CodecWait::idle:
      return since_ + limits.keep_alive_timeout;
    case CodecWait::head:
      return since_ + limits.header_timeout;
    case CodecWait::body: {
      const Deadline idle = progress_ + limits.body_idle_timeout;
      return limits.body_minimum_rate ? std::min<Deadline>(idle, rate_from_ + limits.rate_grace) : idle;
    }
    case CodecWait::send: {
      const Deadline idle = progress_ + limits.send_idle_timeout;
      return limits.send_minimum_rate ? std::min<Deadline>(idle, rate_from_ + limits.rate_grace) : idle;
    }
    case CodecWait::tunnel:
      return progress_ + limits.tunnel_idle_timeout;
    case CodecWait::response:
      break;
  }
  return kNever;
}

const ErrorKind* WaitClock::fired(const http::HttpLimits& limits, TimePoint now) {
  if (now < deadline(limits)) return nullptr;
  if (wait_ == CodecWait::idle) return &kKeepAlive;
  if (wait_ == CodecWait::head) return &kHeaderTimeout;
  if (wait_ == CodecWait::tunnel) return &kTunnelIdle;
  const bool body = wait_ == CodecWait::body;
  if (now >= progress_ + (body ? limits.body_idle_timeout : limits.send_idle_timeout))
    return body ? &kBodyIdle : &kSendIdle;
  const double seconds = std::chrono::duration<double>(now - rate_from_).count();
  const auto least =
      static_cast<double>(body ? limits.body_minimum_rate : limits.send_minimum_rate) * seconds;
  if (static_cast<double>(moved() - rate_base_) < least) return body ? &kBodyRate : &kSendRate;
  rate_from_ = now;
  rate_base_ = moved();
  return nullptr;
}

}  // namespace sally::gateway
