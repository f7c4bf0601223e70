#include "proto/http2/frame_events.h"

#include <cstring>
#include <new>

#include "proto/http2/request_head.h"
#include "proto/http2/server_codec.h"

namespace sally::http2 {

struct FrameEvents {
  static ServerCodec& codec_of(void* user) { return *static_cast<ServerCodec*>(user); }
  static std::string_view text_of(const std::uint8_t* p, std::size_t n) {
    return {reinterpret_cast<const char*>(p), n};
  }

  /// Runs what may throw; an exception waits in the codec until nghttp2 has returned, which is C.
  template <typename F>
  static int guarded(ServerCodec& codec, F call) {
    try {
      call();
    } catch (...) {
      codec.thrown_ = std::current_exception();
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    return codec.broken_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    ServerCodec& codec = codec_of(user);
    codec.begin_frame(*head);
    return codec.broken_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    ServerCodec& codec = codec_of(user);
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
      return guarded(codec, [&] {
        Stream* const s = codec.open_stream(frame->hd.stream_id);
        nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, s);
      });
    if (Stream* const s = codec.stream(frame->hd.stream_id)) s->head_bytes = 0;
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* user) {
    ServerCodec& codec = codec_of(user);
    Stream* const s = codec.stream(frame->hd.stream_id);
    if (s == nullptr) return 0;
    const std::string_view n = text_of(name, name_size), v = text_of(value, value_size);
    return guarded(codec, [&] {
      if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        if (!add_head_field(*s, codec.limits_, n, v))
          codec.broken_.emplace(kHeaderBomb, WirePos{UINT64_MAX, s->id}, std::string(),
                                std::source_location::current());
      } else if (!s->ours) {
        if (auto added = add_trailer(*s, codec.limits_, n, v); !added) {
          s->x.failure = added.error().kind().id;
          codec.count(FloodGuard::resets);
          codec.reset(*s, NGHTTP2_PROTOCOL_ERROR);
        }
      }
    });
  }

  static int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    ServerCodec& codec = codec_of(user);
    const nghttp2_frame_hd& head = frame->hd;
    if (head.type == NGHTTP2_PING) {
      const bool reply = (head.flags & NGHTTP2_FLAG_ACK) != 0;
      if (reply && std::memcmp(frame->ping.opaque_data, kDrainPing, sizeof kDrainPing) == 0)
        codec.say_the_end();
      return 0;
    }
    Stream* const s = codec.stream(head.stream_id);
    if (s == nullptr) return 0;
    const bool end = (head.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    return guarded(codec, [&] {
      if (head.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        codec.head_is_whole(*s, end);
      } else if (head.type == NGHTTP2_HEADERS || head.type == NGHTTP2_DATA) {
        // What is all padding is as empty as what has no length (begin_frame() counts that).
        if (head.type == NGHTTP2_DATA && !end && head.length != 0 && head.length == frame->data.padlen)
          codec.count(FloodGuard::empty_frames);
        if (end) codec.input_is_whole(*s);
      } else if (head.type == NGHTTP2_RST_STREAM) {
        if (s->x.failure.empty() && !s->answered) s->x.failure = kResetByClient.id;
      }
    });
  }

  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* at,
                     std::size_t size, void* user) {
    ServerCodec& codec = codec_of(user);
    Stream* const s = codec.stream(id);
    if (s == nullptr) {
      nghttp2_session_consume_connection(session, size);
      return 0;
    }
    return guarded(codec, [&] { codec.take_content(*s, std::as_bytes(std::span(at, size))); });
  }

  static int on_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    ServerCodec& codec = codec_of(user);
    const nghttp2_frame_hd& head = frame->hd;
    switch (head.type) {
      case NGHTTP2_DATA:
        // An honest client opens the stream's and the connection's window for each of them at most.
        codec.guard_.earn(FloodGuard::window_updates, 2);
        [[fallthrough]];
      case NGHTTP2_HEADERS:
        if ((head.flags & NGHTTP2_FLAG_END_STREAM) != 0)
          if (Stream* const s = codec.stream(head.stream_id))
            return guarded(codec, [&] { codec.answer_is_out(*s); });
        break;
      case NGHTTP2_RST_STREAM: {
        const Stream* const s = codec.stream(head.stream_id);
        if (s == nullptr || !s->ours) codec.count(FloodGuard::resets);
        break;
      }
      case NGHTTP2_SETTINGS:
        codec.settings_sent_ = true;
        break;
      case NGHTTP2_GOAWAY:
        if (frame->goaway.error_code != NGHTTP2_NO_ERROR) codec.gave_up_ = true;
        break;
      default:
        break;
    }
    return 0;
  }

  static int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    ServerCodec& codec = codec_of(user);
    Stream* const s = codec.stream(id);
    if (s == nullptr) return 0;
    const int rv = guarded(codec, [&] { codec.close_stream(*s, code); });
    return codec.thrown_ ? rv : 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t*, std::size_t most,
                           std::uint32_t* flags, nghttp2_data_source*, void* user) {
    ServerCodec& codec = codec_of(user);
    Stream* const s = codec.stream(id);
    if (s == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    ssize_t n = 0;
    const int rv = guarded(codec, [&] { n = codec.read_body(*s, most, *flags); });
    return codec.thrown_ ? rv : n;
  }

  static int send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head, std::size_t size,
                       nghttp2_data_source*, void* user) {
    ServerCodec& codec = codec_of(user);
    Stream* const s = codec.stream(frame->hd.stream_id);
    if (s == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const int rv = guarded(codec, [&] { codec.write_data(*s, std::as_bytes(std::span(head, 9)), size); });
    return codec.thrown_ ? rv : 0;
  }

  static Callbacks make() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_send);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
    nghttp2_session_callbacks_set_send_data_callback(made, send_data);
    // No on_invalid_header callback: then a field that breaks RFC 9113 8.2 resets its stream.
    return Callbacks(made);
  }
};

const nghttp2_session_callbacks& frame_events() {
  static const Callbacks events = FrameEvents::make();
  return *events;
}

nghttp2_data_provider body_provider() {
  nghttp2_data_provider provider{};
  provider.read_callback = FrameEvents::read_body;
  return provider;
}

}  // namespace sally::http2
