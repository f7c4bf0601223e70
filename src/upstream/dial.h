// upstream/dial.h - opens a way to a backend for what is not HTTP: a socket, what goes before all else, TLS.
#pragma once
#include <string>

#include "loop/task.h"
#include "proto/protocol.h"
#include "upstream/backend.h"

namespace sally::upstream {

// clang-format off
inline constexpr ErrorKind kNoTls{"upstream.no_tls", Blame::upstream, Retry::other_upstream,
    "the backend would not begin TLS", "turn STARTTLS on at the backend, or write its address without \"starttls://\"",
    "", -1, 502};
// clang-format on

/// first     what goes out before all else, such as a PROXY protocol header
/// protocol  whose dialogue leads to TLS, where the address says so; else not used
/// by        for all of it
/// Errors: net.*, dns.*, tls.server_not_trusted, tls.server_handshake_failed, upstream.no_tls, with its
/// cause.
Task<Result<Wire>> dial(Backend& backend, std::string first, const proto::Protocol* protocol, Deadline by);

}  // namespace sally::upstream
