// upstream/errors.h - how a backend can fail us. The detail names the backend; the cause says what stopped
// us.
#pragma once
#include "base/error.h"

namespace sally::upstream {

// clang-format off
inline constexpr ErrorKind kNotConnected{"upstream.not_connected", Blame::upstream, Retry::other_upstream,
    "no connection to the backend could be opened", "start the backend, or correct its address", "", -1, 502};
inline constexpr ErrorKind kConnectSlow{"upstream.connect_timeout", Blame::upstream, Retry::other_upstream,
    "the backend did not take the connection in time",
    "look for a firewall or a backend that is overloaded, or raise connect_timeout of the proxy", "", -1, 504};
inline constexpr ErrorKind kClosedEarly{"upstream.closed_early", Blame::upstream, Retry::fresh_connection,
    "the backend closed the connection without an answer", "look into the backend's log", "", -1, 502};
inline constexpr ErrorKind kBadAnswer{"upstream.bad_answer", Blame::upstream, Retry::never,
    "the backend's answer could not be read", "read the cause; then correct the backend", "", -1, 502};
inline constexpr ErrorKind kAnswerSlow{"upstream.answer_timeout", Blame::upstream, Retry::never,
    "the backend took the request and did not begin to answer in time",
    "look into the backend, or raise answer_timeout of the proxy", "RFC 9110 15.6.5", -1, 504};
inline constexpr ErrorKind kTunnelBroken{"upstream.tunnel_broken", Blame::upstream, Retry::fresh_connection,
    "the backend broke a WebSocket off without ending it", "look into the backend's log for a crash", "", -1, 502};
inline constexpr ErrorKind kContentSlow{"upstream.idle_timeout", Blame::upstream, Retry::never,
    "the backend stopped in the middle of its answer",
    "look into the backend, or raise idle_timeout of the proxy", "", -1, 504};
inline constexpr ErrorKind kSendSlow{"upstream.send_timeout", Blame::upstream, Retry::never,
    "the backend does not take the request", "look into the backend, or raise send_timeout of the proxy", "",
    -1, 504};
inline constexpr ErrorKind kOnlyHttp2{"upstream.only_http2", Blame::operator_config, Retry::other_upstream,
    "a WebSocket needs HTTP/1.1, and the backend is written h2c://, so that it speaks HTTP/2 only",
    "write http:// for it, or give WebSockets a route with another backend", "", -1, 502};
inline constexpr ErrorKind kNoBackend{"upstream.no_backend", Blame::upstream, Retry::later,
    "no backend is left to be asked: all of them are sick, being emptied, or were tried",
    "look at the lines about single backends before this one", "", -1, 503};
inline constexpr ErrorKind kLineFull{"upstream.line_full", Blame::upstream, Retry::later,
    "every backend has as many requests as it may have, and no more may wait",
    "add backends, or raise max_connections of a backend or queue.requests of the proxy", "", -1, 503};
inline constexpr ErrorKind kWaitedTooLong{"upstream.waited_too_long", Blame::upstream, Retry::later,
    "no backend had room for the request in time",
    "add backends, or raise max_connections of a backend or queue.timeout of the proxy", "", -1, 503};
// clang-format on

}  // namespace sally::upstream
