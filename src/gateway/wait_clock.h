// gateway/wait_clock.h - which timer runs on a connection, when it fires, and what the log calls it.
#pragma once
#include <cstdint>

#include "base/error.h"
#include "base/time.h"
#include "http/http_limits.h"
#include "proto/codec.h"

namespace sally::gateway {

inline constexpr ErrorKind kHeaderTimeout{"timeout.header_timeout",
                                          Blame::peer,
                                          Retry::never,
                                          "the request's head did not come in time",
                                          "raise limits.header_timeout, or fix the client",
                                          "RFC 9110 15.5.9",
                                          -1,
                                          408};
inline constexpr ErrorKind kBodyIdle{"timeout.body_idle_timeout",
                                     Blame::peer,
                                     Retry::never,
                                     "the request's body stopped coming",
                                     "raise limits.body_idle_timeout, or fix the client",
                                     "RFC 9110 15.5.9",
                                     -1,
                                     408};
inline constexpr ErrorKind kBodyRate{"timeout.body_minimum_rate",
                                     Blame::peer,
                                     Retry::never,
                                     "the request's body came too slowly",
                                     "lower limits.body_minimum_rate, or fix the client",
                                     "RFC 9110 15.5.9",
                                     -1,
                                     408};
inline constexpr ErrorKind kSendIdle{"timeout.send_idle_timeout",
                                     Blame::peer,
                                     Retry::never,
                                     "the client took no bytes of the answer",
                                     "raise limits.send_idle_timeout, or fix the client",
                                     "",
                                     -1,
                                     0};
inline constexpr ErrorKind kSendRate{"timeout.send_minimum_rate",
                                     Blame::peer,
                                     Retry::never,
                                     "the client took the answer too slowly",
                                     "lower limits.send_minimum_rate, or fix the client",
                                     "",
                                     -1,
                                     0};
inline constexpr ErrorKind kTunnelIdle{"timeout.tunnel_idle_timeout",
                                       Blame::peer,
                                       Retry::fresh_connection,
                                       "neither side of a tunnel sent anything",
                                       "raise limits.tunnel_idle_timeout, or let one side send pings",
                                       "",
                                       -1,
                                       0};
inline constexpr ErrorKind kKeepAlive{"timeout.keep_alive_timeout",
                                      Blame::peer,
                                      Retry::fresh_connection,
                                      "no further request came on a kept connection",
                                      "nothing: this is how idle connections end",
                                      "RFC 9112 9.8",
                                      -1,
                                      0};

/// Follows one connection through its waits. No wall clock ever runs on a body: only silence and a minimum
/// rate.
class WaitClock {
 public:
  /// Before each wait. `received` and `sent` count bytes since the connection began.
  void enter(CodecWait wait, std::uint64_t received, std::uint64_t sent, TimePoint now);
  /// When to look again; kNever while the handler is at work.
  Deadline deadline(const http::HttpLimits& limits) const;
  /// The timer that has fired by `now`, or null: then the rate was kept and deadline() has moved.
  const ErrorKind* fired(const http::HttpLimits& limits, TimePoint now);
  CodecWait wait() const { return wait_; }

 private:
  std::uint64_t moved() const {
    if (wait_ == CodecWait::tunnel) return received_ + sent_;
    return wait_ == CodecWait::send ? sent_ : received_;
  }

  CodecWait wait_ = CodecWait::idle;
  std::uint64_t received_ = 0, sent_ = 0;
  TimePoint since_{};      ///< when this wait began
  TimePoint progress_{};   ///< when bytes moved last
  TimePoint rate_from_{};  ///< the window in which the rate is measured
  std::uint64_t rate_base_ = 0;
};

}  // namespace sally::gateway
