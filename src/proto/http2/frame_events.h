// proto/http2/frame_events.h - what nghttp2 calls when a frame came or went, handed on to the codec.
#pragma once
#include "proto/http2/session.h"

namespace sally::http2 {

/// Made once, constant, shared by all sessions and threads. The user pointer is a ServerCodec.
const nghttp2_session_callbacks& frame_events();

/// The source of an answer's content for nghttp2_submit_response(): reads from the stream's exchange.
nghttp2_data_provider body_provider();

/// Payload of the PING that measures a round trip between the two GOAWAYs of a drain.
inline constexpr std::uint8_t kDrainPing[8] = {'g', 'o', 'o', 'd', ' ', 'b', 'y', 'e'};

}  // namespace sally::http2
