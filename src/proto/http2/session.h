// proto/http2/session.h - owns nghttp2's objects and says how a server's session is set up.
#pragma once
#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>

#include "http/http_limits.h"

namespace sally::http2 {

template <auto Free>
struct Freed {
  void operator()(auto* p) const noexcept { Free(p); }
};
using Session = std::unique_ptr<nghttp2_session, Freed<nghttp2_session_del>>;
using Callbacks = std::unique_ptr<nghttp2_session_callbacks, Freed<nghttp2_session_callbacks_del>>;

/// A server's session with its SETTINGS queued.
///
/// stream_window  bytes of one request body that may be on their way; no more than its pipe holds
/// user           what the callbacks get
///
/// Null: no memory.
///
/// source  RFC 9113 6.5.2; RFC 9218 2.1 (no priority tree)
Session make_session(const nghttp2_session_callbacks& callbacks, const http::HttpLimits& limits,
                     std::uint32_t stream_window, void* user);

}  // namespace sally::http2
