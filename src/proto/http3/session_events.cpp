// What nghttp3 tells of a server's session.
#include <utility>

#include "proto/http2/request_head.h"
#include "proto/http3/server_codec.h"

namespace sally::http3 {

struct SessionEvents {
  static ServerCodec& of(void* user) { return *static_cast<ServerCodec*>(user); }
  static std::string_view text_of(nghttp3_rcbuf* buffer) {
    const nghttp3_vec v = nghttp3_rcbuf_get_buf(buffer);
    return {reinterpret_cast<const char*>(v.base), v.len};
  }

  /// Runs what may throw; an exception waits in the codec until nghttp3 has returned, which is C.
  template <typename F>
  static int guarded(void* user, std::int64_t id, F call) {
    ServerCodec& codec = of(user);
    try {
      if (Stream* const s = codec.find(id)) call(codec, *s);
    } catch (...) {
      codec.thrown_ = std::current_exception();
      return NGHTTP3_ERR_CALLBACK_FAILURE;
    }
    return codec.broken_ ? NGHTTP3_ERR_CALLBACK_FAILURE : 0;
  }

  static int begin_headers(nghttp3_conn*, std::int64_t id, void* user, void*) {
    try {
      of(user).open_stream(id);
    } catch (...) {
      of(user).thrown_ = std::current_exception();
      return NGHTTP3_ERR_CALLBACK_FAILURE;
    }
    return 0;
  }

  static int header(nghttp3_conn*, std::int64_t id, std::int32_t, nghttp3_rcbuf* name, nghttp3_rcbuf* value,
                    std::uint8_t, void* user, void*) {
    return guarded(user, id, [&](ServerCodec& codec, Stream& s) {
      if (!http2::add_head_field(s, *codec.limits_, text_of(name), text_of(value)))
        codec.break_with(kHeaderBomb, {});
    });
  }

  static int headers_end(nghttp3_conn*, std::int64_t id, int end, void* user, void*) {
    return guarded(user, id, [&](ServerCodec& codec, Stream& s) { codec.head_is_whole(s, end != 0); });
  }

  static int trailers_begin(nghttp3_conn*, std::int64_t id, void* user, void*) {
    return guarded(user, id, [](ServerCodec&, Stream& s) { s.head_bytes = 0; });
  }

  static int trailer(nghttp3_conn*, std::int64_t id, std::int32_t, nghttp3_rcbuf* name, nghttp3_rcbuf* value,
                     std::uint8_t, void* user, void*) {
    return guarded(user, id, [&](ServerCodec& codec, Stream& s) {
      if (s.ours) return;
      if (auto added = http2::add_trailer(s, *codec.limits_, text_of(name), text_of(value)); !added) {
        s.x.failure = added.error().kind().id;
        codec.count_reset();
        codec.reset(s, NGHTTP3_H3_MESSAGE_ERROR);
      }
    });
  }

  static int data(nghttp3_conn*, std::int64_t id, const std::uint8_t* at, std::size_t size, void* user,
                  void*) {
    return guarded(user, id, [&](ServerCodec& codec, Stream& s) {
      codec.take_content(s, as_bytes(std::span(at, size)));
    });
  }

  static int consumed(nghttp3_conn*, std::int64_t id, std::size_t size, void* user, void*) {
    of(user).connection_->used(id, size);
    return 0;
  }

  static int stream_end(nghttp3_conn*, std::int64_t id, void* user, void*) {
    return guarded(user, id, [](ServerCodec& codec, Stream& s) { codec.input_is_whole(s); });
  }

  static int acknowledged(nghttp3_conn*, std::int64_t id, std::uint64_t size, void* user, void*) {
    return guarded(user, id,
                   [&](ServerCodec& codec, Stream& s) { codec.forget(s, static_cast<std::size_t>(size)); });
  }

  /// nghttp3 found the request malformed, or will not read on.
  static int stop_sending(nghttp3_conn*, std::int64_t id, std::uint64_t error, void* user, void*) {
    of(user).connection_->stop_reading(id, error);
    return 0;
  }

  static int reset_stream(nghttp3_conn*, std::int64_t id, std::uint64_t error, void* user, void*) {
    return guarded(user, id, [&](ServerCodec& codec, Stream& s) { codec.note_malformed(s, error); });
  }

  static int stream_close(nghttp3_conn*, std::int64_t id, std::uint64_t error, void* user, void*) {
    return guarded(user, id, [&](ServerCodec& codec, Stream& s) { codec.close_stream(s, error); });
  }

  static nghttp3_ssize read_body(nghttp3_conn*, std::int64_t id, nghttp3_vec* to, std::size_t,
                                 std::uint32_t* flags, void* user, void*) {
    nghttp3_ssize n = NGHTTP3_ERR_CALLBACK_FAILURE;
    guarded(user, id, [&](ServerCodec& codec, Stream& s) { n = codec.read_body(s, *to, *flags); });
    return n;
  }

  static nghttp3_callbacks make() {
    nghttp3_callbacks made{};
    made.begin_headers = begin_headers;
    made.recv_header = header;
    made.end_headers = headers_end;
    made.begin_trailers = trailers_begin;
    made.recv_trailer = trailer;
    made.recv_data = data;
    made.deferred_consume = consumed;
    made.end_stream = stream_end;
    made.acked_stream_data = acknowledged;
    made.stop_sending = stop_sending;
    made.reset_stream = reset_stream;
    made.stream_close = stream_close;
    return made;
  }
};

const nghttp3_callbacks& session_events() {
  static const nghttp3_callbacks events = SessionEvents::make();
  return events;
}

nghttp3_data_reader body_reader() { return {SessionEvents::read_body}; }

}  // namespace sally::http3
