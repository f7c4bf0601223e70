// quic/errors.h - every error that a QUIC connection can end with.
#pragma once
#include "base/error.h"

namespace sally::quic {

// clang-format off
inline constexpr ErrorKind kTransport{"quic.transport_error", Blame::peer, Retry::fresh_connection,
    "the peer broke a rule of QUIC", "read the reason in the detail, then update the peer", "RFC 9000 11.1", -1, 0};
inline constexpr ErrorKind kHandshake{"quic.handshake_failed", Blame::peer, Retry::never,
    "the two sides could not agree on a TLS session", "read the reason in the detail", "RFC 9001 4.8", -1, 0};
inline constexpr ErrorKind kHandshakeTimeout{"quic.handshake_timeout", Blame::peer, Retry::fresh_connection,
    "the handshake did not end in time", "raise tls.handshake_timeout, or look at the network path", "", -1, 0};
inline constexpr ErrorKind kIdle{"quic.idle_timeout", Blame::peer, Retry::fresh_connection,
    "nothing came for the time that both sides agreed on", "raise quic.idle_timeout, if that was too short",
    "RFC 9000 10.1", -1, 0};
inline constexpr ErrorKind kClosedByPeer{"quic.closed_by_peer", Blame::peer, Retry::fresh_connection,
    "the peer closed the connection", "none, if the peer meant it", "RFC 9000 10.2", -1, 0};
inline constexpr ErrorKind kDropped{"quic.dropped", Blame::peer, Retry::fresh_connection,
    "the connection was given up before it began", "nothing: scans and damaged packets do this", "RFC 9000 7", -1, 0};
inline constexpr ErrorKind kVersionRefused{"quic.version_refused", Blame::upstream, Retry::never,
    "the server does not speak the version of QUIC that was asked for", "ask for one that it names", "RFC 9000 6", -1, 0};
inline constexpr ErrorKind kLibrary{"quic.library_failed", Blame::our_bug, Retry::never,
    "a call into ngtcp2 failed that should not", "report the detail to the maintainers", "", -1, 0};
// clang-format on

}  // namespace sally::quic
