// handler/websocket.h - the handshake of a WebSocket that passes through: whether it is one, and whether the
// backend grants it. What follows is bytes and nobody's business here.
#pragma once
#include <string>
#include <string_view>

#include "http/exchange.h"

namespace sally::handler {

// clang-format off
inline constexpr ErrorKind kBadHandshake{"websocket.bad_handshake", Blame::peer, Retry::never,
    "the request begins a WebSocket in a way that RFC 6455 does not know",
    "send GET over HTTP/1.1 with one Upgrade: websocket, Connection: Upgrade and one Sec-WebSocket-Key of 16 bytes",
    "RFC 6455 4.2.1", -1, 400};
inline constexpr ErrorKind kBadVersion{"websocket.bad_version", Blame::peer, Retry::never,
    "the client wants a version of WebSocket other than 13", "send Sec-WebSocket-Version: 13", "RFC 6455 4.4", -1,
    426};
inline constexpr ErrorKind kBadAccept{"websocket.bad_accept", Blame::upstream, Retry::never,
    "the backend changed to a WebSocket with an answer that does not belong to the question",
    "look whether a WebSocket server of its own answers there", "RFC 6455 4.1", -1, 502};
inline constexpr ErrorKind kNotSwitched{"websocket.not_switched", Blame::upstream, Retry::never,
    "the backend answered the beginning of a WebSocket with success and did not change to it",
    "look whether the backend serves WebSockets at this path", "RFC 8441 5", -1, 502};
// clang-format on

/// Asks for a WebSocket: by an Upgrade that could be granted, or by an extended CONNECT.
bool asks_for_websocket(const http::Request& r);

/// What is wrong with a request that asks for a WebSocket, or is meant to; null: nothing, or it does not ask.
/// An HTTP/1 request with a Sec-WebSocket-Key is meant to, even if its Upgrade must be ignored.
/// source  RFC 6455 4.2.1, RFC 8441 5
const ErrorKind* handshake_fault(const http::Request& r);

/// Answers such a request: 400, or 426 with the version that is spoken. False: nothing is wrong.
bool refuse_bad_handshake(http::Exchange& x);

/// The key for the backend: the client's of HTTP/1.1, which checks the answer itself; a fresh one for HTTP/2,
/// where there is none. Lives in the arena. Empty: the request asks for no WebSocket.
std::string_view websocket_key_of(http::Exchange& x);

/// Sec-WebSocket-Accept for a key (RFC 6455 4.2.2).
std::string accept_for(std::string_view key);

/// Whether a 101 with these fields grants what was asked with `key` (RFC 6455 4.1). Errors:
/// websocket.bad_accept.
Result<> check_accept(const http::Fields& answer, std::string_view key);

/// Whether an answer other than 101 may pass. A 2xx to an extended CONNECT would tell the client that the
/// WebSocket stands (RFC 8441 4).
bool may_decline(const http::Exchange& x, int status);
Error not_switched(int status);

}  // namespace sally::handler
