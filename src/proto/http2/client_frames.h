// proto/http2/client_frames.h - what nghttp2 calls of a client's session, handed on to the codec.
#pragma once
#include "proto/http2/session.h"

namespace sally::http2 {

/// Made once, constant, shared by all sessions and threads. The user pointer is a ClientCodec.
const nghttp2_session_callbacks& client_frames();

/// The source of a request's body: reads from the stream's body_.
nghttp2_data_provider request_body_provider();

}  // namespace sally::http2
