#include "proto/http2/client_frames.h"

#include <new>

#include "proto/http2/client_codec.h"

namespace sally::http2 {

struct ClientFrames {
  static ClientCodec& codec_of(void* user) { return *static_cast<ClientCodec*>(user); }

  /// Runs what may throw; an exception waits in the codec until nghttp2 has returned, which is C.
  template <typename F>
  static int guarded(ClientCodec& codec, F call) {
    try {
      call();
      return 0;
    } catch (...) {
      codec.thrown_ = std::current_exception();
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    ClientStream* const s = codec_of(user).stream(frame->hd.stream_id);
    if (s == nullptr) return 0;
    s->head_bytes_ = 0;
    s->head_fields_ = 0;
    return 0;
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* user) {
    ClientCodec& codec = codec_of(user);
    ClientStream* const s = codec.stream(frame->hd.stream_id);
    if (s == nullptr || s->reset_) return 0;
    const std::string_view n(reinterpret_cast<const char*>(name), name_size);
    const std::string_view v(reinterpret_cast<const char*>(value), value_size);
    return guarded(codec, [&] {
      if (codec.add_field(*s, n, v)) return;
      s->reset_ = true;
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, s->id_, NGHTTP2_ENHANCE_YOUR_CALM);
    });
  }

  static int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    ClientCodec& codec = codec_of(user);
    if (frame->hd.type == NGHTTP2_SETTINGS) codec.settled_ = true;
    ClientStream* const s = codec.stream(frame->hd.stream_id);
    if (s == nullptr) return 0;
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      s->reset_by_peer_ = true;
      return 0;
    }
    return guarded(codec, [&] {
      if (frame->hd.type == NGHTTP2_HEADERS) codec.head_is_whole(*s);
      const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
      if (!carries || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
      s->whole_ = s->input_fresh_ = true;
      codec.note(*s);
    });
  }

  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                     std::size_t size, void* user) {
    ClientCodec& codec = codec_of(user);
    nghttp2_session_consume_connection(session, size);
    ClientStream* const s = codec.stream(id);
    if (s == nullptr || s->reset_) return 0;
    return guarded(codec, [&] {
      // What does not fit came before the server has heard of our windows.
      if (!s->content_.append(std::as_bytes(std::span(bytes, size)))) {
        s->reset_ = true;
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_FLOW_CONTROL_ERROR);
        return;
      }
      s->input_fresh_ = true;
      codec.note(*s);
    });
  }

  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    ClientCodec& codec = codec_of(user);
    --codec.open_;
    ClientStream* const s = codec.stream(id);
    if (s == nullptr) return 0;
    s->closed_ = true;
    s->sent_fresh_ = !s->body_ended_ || !s->body_.empty();  // who waits to send has to hear of it
    s->id_ = -1;
    // A server may answer to the end without having read all (RFC 9113 8.1).
    if (!s->whole_) {
      s->reset_ = true;
      s->code_ = code;
      s->reset_by_peer_ |= code == NGHTTP2_REFUSED_STREAM;
    }
    return guarded(codec, [&] { codec.note(*s); });
  }

  static int on_fault(nghttp2_session*, int, const char* text, std::size_t size, void* user) {
    ClientCodec& codec = codec_of(user);
    return guarded(codec, [&] { codec.fault_.assign(text, size); });
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t most,
                           std::uint32_t* flags, nghttp2_data_source*, void* user) {
    ClientCodec& codec = codec_of(user);
    ClientStream* const s = codec.stream(id);
    if (s == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    std::ptrdiff_t n = 0;
    const int thrown = guarded(codec, [&] { n = codec.read_body(*s, {to, most}, *flags); });
    return thrown != 0 ? thrown : n;
  }

  static Callbacks make() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, on_close);
    nghttp2_session_callbacks_set_error_callback2(made, on_fault);
    return Callbacks(made);
  }
};

const nghttp2_session_callbacks& client_frames() {
  static const Callbacks frames = ClientFrames::make();
  return *frames;
}

nghttp2_data_provider request_body_provider() {
  nghttp2_data_provider provider{};
  provider.read_callback = ClientFrames::read_body;
  return provider;
}

}  // namespace sally::http2
