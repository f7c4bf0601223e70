// handler/proxy_request.h - the head of a request as a backend gets it.
#pragma once
#include <string_view>

#include "handler/proxy_config.h"
#include "http/exchange.h"
#include "proto/request_head.h"

namespace sally::handler {

/// Writes the whole head to `to`.
///
/// Left out: what concerns the client's connection only (RFC 9110 7.6.1: Connection, what it names, and its
/// kin), what says who the client is (Forwarded, X-Forwarded-*, X-Real-IP, X-Request-Id, also written with
/// underscores), `Proxy`, and by default every field with an underscore in its name. Added: Host, Forwarded
/// (RFC 7239), X-Forwarded-For, -Proto and -Host, X-Real-IP, X-Request-Id.
///
/// backend        its address, where the configuration wants it as Host
/// websocket_key  not empty: the request is for a WebSocket, and becomes the GET of RFC 6455 4.1 with this
///                Sec-WebSocket-Key, whichever version of HTTP it came by
void write_proxy_request(const http::Exchange& x, const ProxyConfig& config, std::string_view backend,
                         std::string_view websocket_key, HeadSink& to);

/// A field that only concerns one connection, of a request or of an answer, in lower case (RFC 9110 7.6.1).
bool is_hop_by_hop(std::string_view name);

}  // namespace sally::handler
