#include "proto/http3/client_codec.h"

#include <new>
#include <string>
#include <utility>

namespace sally::http3 {
namespace {

constexpr std::size_t kFieldOverhead = 32;  // RFC 9114 4.2.2

}  // namespace

/// nghttp3's callbacks for a ClientCodec. A stream's user data is its request; none: nobody listens any more.
struct ClientSessionEvents {
  static ClientCodec& of(void* user) { return *static_cast<ClientCodec*>(user); }
  static std::string_view text_of(nghttp3_rcbuf* buffer) {
    const nghttp3_vec v = nghttp3_rcbuf_get_buf(buffer);
    return {reinterpret_cast<const char*>(v.base), v.len};
  }

  /// Runs what may throw; an exception waits in the codec until nghttp3 has returned, which is C.
  template <typename F>
  static int guarded(void* user, void* request, F call) {
    if (request == nullptr) return 0;
    try {
      call(*static_cast<Request*>(request));
    } catch (...) {
      of(user).thrown_ = std::current_exception();
      return NGHTTP3_ERR_CALLBACK_FAILURE;
    }
    return 0;
  }

  static int header(nghttp3_conn*, std::int64_t, std::int32_t token, nghttp3_rcbuf* name,
                    nghttp3_rcbuf* value, std::uint8_t, void* user, void* request) {
    return guarded(user, request, [&](Request& r) {
      const std::string_view n = text_of(name), v = text_of(value);
      r.head_bytes_ += n.size() + v.size() + kFieldOverhead;
      if (r.head_bytes_ > of(user).limits_.head_bytes) return of(user).lose(r, NGHTTP3_H3_EXCESSIVE_LOAD);
      if (token != NGHTTP3_QPACK_TOKEN__STATUS) return r.on_field(n, v);
      r.status_ = 0;
      for (const char c : v) r.status_ = r.status_ * 10 + static_cast<unsigned>(c - '0');
    });
  }

  static int headers_end(nghttp3_conn*, std::int64_t, int, void* user, void* request) {
    return guarded(user, request, [](Request& r) { r.on_head(r.status_); });
  }

  static int data(nghttp3_conn*, std::int64_t id, const std::uint8_t* at, std::size_t size, void* user,
                  void* request) {
    of(user).connection_->used(id, size);
    return guarded(user, request, [&](Request& r) { r.on_content(as_bytes(std::span(at, size))); });
  }

  static int consumed(nghttp3_conn*, std::int64_t id, std::size_t size, void* user, void*) {
    of(user).connection_->used(id, size);
    return 0;
  }

  static int stream_end(nghttp3_conn*, std::int64_t, void* user, void* request) {
    return guarded(user, request, [&](Request& r) {
      of(user).detach(r);
      r.on_whole();
    });
  }

  /// nghttp3 found the answer malformed, or will not read on.
  static int stop_sending(nghttp3_conn*, std::int64_t id, std::uint64_t error, void* user, void*) {
    of(user).connection_->stop_reading(id, error);
    return 0;
  }

  static int reset_stream(nghttp3_conn*, std::int64_t id, std::uint64_t error, void* user, void* request) {
    of(user).connection_->shut(id, error);
    return guarded(user, request, [&](Request& r) {
      of(user).detach(r);
      r.on_lost(error);
    });
  }

  static int stream_close(nghttp3_conn*, std::int64_t, std::uint64_t error, void* user, void* request) {
    return guarded(user, request, [&](Request& r) {
      r.stream_ = -1;
      r.on_lost(error);
    });
  }

  static int goaway(nghttp3_conn*, std::int64_t, void* user) {
    of(user).leaving_ = true;
    return 0;
  }

  static int settings(nghttp3_conn*, const nghttp3_settings*, void* user) {
    of(user).settled_ = true;
    return 0;
  }

  static nghttp3_ssize read_body(nghttp3_conn*, std::int64_t, nghttp3_vec* to, std::size_t,
                                 std::uint32_t* flags, void*, void* request) {
    *flags |= NGHTTP3_DATA_FLAG_EOF;
    if (request == nullptr) return 0;
    auto& r = *static_cast<Request*>(request);
    if (std::exchange(r.body_given_, true) || r.body_.empty()) return 0;
    *to = {const_cast<std::uint8_t*>(as_u8(r.body_)), r.body_.size()};
    return 1;
  }

  static nghttp3_callbacks make() {
    nghttp3_callbacks made{};
    made.recv_header = header;
    made.end_headers = headers_end;
    made.recv_trailer = header;
    made.recv_data = data;
    made.deferred_consume = consumed;
    made.end_stream = stream_end;
    made.stop_sending = stop_sending;
    made.reset_stream = reset_stream;
    made.stream_close = stream_close;
    made.shutdown = goaway;
    made.recv_settings = settings;
    return made;
  }
};

ClientCodec::ClientCodec(const Limits& limits) : limits_(limits) {
  static const nghttp3_callbacks kEvents = ClientSessionEvents::make();
  nghttp3_settings settings;
  nghttp3_settings_default(&settings);
  settings.max_field_section_size = limits.head_bytes;
  settings.qpack_max_dtable_capacity = limits.table_bytes;
  settings.qpack_encoder_max_dtable_capacity = limits.table_bytes;
  settings.qpack_blocked_streams = limits.blocked_streams;
  nghttp3_conn* made = nullptr;
  if (nghttp3_conn_client_new(&made, &kEvents, &settings, nullptr, this) != 0) throw std::bad_alloc();
  session_.reset(made);
}

ClientCodec::~ClientCodec() = default;

ClientCodec::Fault ClientCodec::begin(quic::Connection& connection) {
  const auto control = connection.open_one_way(), encoder = connection.open_one_way(),
             decoder = connection.open_one_way();
  // RFC 9114 6.2: a server must allow three streams at least.
  if (!control || !encoder || !decoder) return NGHTTP3_H3_GENERAL_PROTOCOL_ERROR;
  return begin(connection, {*control, *encoder, *decoder});
}

ClientCodec::Fault ClientCodec::begin(quic::Connection& connection, const OwnStreams& streams) {
  connection_ = &connection;
  if (nghttp3_conn_bind_control_stream(session_.get(), streams.control) != 0 ||
      nghttp3_conn_bind_qpack_streams(session_.get(), streams.encoder, streams.decoder) != 0)
    return NGHTTP3_H3_INTERNAL_ERROR;
  return std::nullopt;
}

std::uint64_t ClientCodec::room() const {
  if (connection_ == nullptr || leaving_ || broken_) return 0;
  return connection_->two_way_left();
}

bool ClientCodec::ask(std::span<const nghttp3_nv> fields, Bytes body, Request& request) {
  if (room() == 0) return false;
  const auto stream = connection_->open_two_way();
  return stream && ask(*stream, fields, body, request);
}

bool ClientCodec::ask(std::int64_t stream, std::span<const nghttp3_nv> fields, Bytes body, Request& request) {
  request.stream_ = stream;
  request.head_bytes_ = 0;
  request.status_ = 0;
  request.body_given_ = false;
  request.body_ = body;
  const nghttp3_data_reader reader{ClientSessionEvents::read_body};
  const int rv = nghttp3_conn_submit_request(session_.get(), stream, fields.data(), fields.size(),
                                             body.empty() ? nullptr : &reader, &request);
  if (rv != 0) request.stream_ = -1;
  return rv == 0;
}

void ClientCodec::detach(Request& request) {
  nghttp3_conn_set_stream_user_data(session_.get(), request.stream_, nullptr);
  request.stream_ = -1;
}

void ClientCodec::cancel(Request& request) {
  const std::int64_t stream = request.stream_;
  if (stream < 0) return;
  detach(request);
  connection_->shut(stream, NGHTTP3_H3_REQUEST_CANCELLED);
}

/// Of the server's doing: the request hears of it.
void ClientCodec::lose(Request& request, std::uint64_t error) {
  const std::int64_t stream = request.stream_;
  detach(request);
  connection_->shut(stream, error);
  request.on_lost(error);
}

ClientCodec::Fault ClientCodec::fault_of(nghttp3_ssize rv) {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (rv >= 0) return std::nullopt;
  if (!broken_)
    broken_.emplace(kBadServer, WirePos{}, nghttp3_strerror(static_cast<int>(rv)),
                    std::source_location::current());
  return nghttp3_err_infer_quic_app_error_code(static_cast<int>(rv));
}

ClientCodec::Fault ClientCodec::receive(std::int64_t stream, Bytes bytes, bool end) {
  const nghttp3_ssize n =
      nghttp3_conn_read_stream(session_.get(), stream, as_u8(bytes), bytes.size(), end ? 1 : 0);
  if (n > 0) connection_->used(stream, static_cast<std::uint64_t>(n));
  return fault_of(n);
}

ClientCodec::Fault ClientCodec::acknowledged(std::int64_t stream, std::uint64_t bytes) {
  const int rv = nghttp3_conn_add_ack_offset(session_.get(), stream, bytes);
  return fault_of(rv == NGHTTP3_ERR_STREAM_NOT_FOUND ? 0 : rv);
}

ClientCodec::Fault ClientCodec::reset_by_server(std::int64_t stream, std::uint64_t error) {
  // What we still send is of no use: with it the stream ends, and closed() tells the request.
  if (ngtcp2_is_bidi_stream(stream)) connection_->shut(stream, error);
  const int rv = nghttp3_conn_shutdown_stream_read(session_.get(), stream);
  return fault_of(rv == NGHTTP3_ERR_STREAM_NOT_FOUND ? 0 : rv);
}

ClientCodec::Fault ClientCodec::closed(std::int64_t stream, std::uint64_t error) {
  const int rv = nghttp3_conn_close_stream(session_.get(), stream, error == 0 ? NGHTTP3_H3_NO_ERROR : error);
  return fault_of(rv == NGHTTP3_ERR_STREAM_NOT_FOUND ? 0 : rv);
}

ClientCodec::Fault ClientCodec::room_again(std::int64_t stream) {
  const int rv = nghttp3_conn_unblock_stream(session_.get(), stream);
  return fault_of(rv == NGHTTP3_ERR_STREAM_NOT_FOUND ? 0 : rv);
}

std::expected<void, std::uint64_t> ClientCodec::next(Next& next) {
  int end = 0;
  std::array<nghttp3_vec, kPieces> pieces;
  const nghttp3_ssize n =
      nghttp3_conn_writev_stream(session_.get(), &next.stream, &end, pieces.data(), pieces.size());
  if (n < 0) return std::unexpected(*fault_of(n));
  next.count = static_cast<std::size_t>(n);
  next.end = end != 0;
  for (std::size_t i = 0; i < next.count; ++i) next.pieces[i] = {pieces[i].base, pieces[i].len};
  return {};
}

void ClientCodec::sent(std::int64_t stream, std::size_t bytes) {
  nghttp3_conn_add_write_offset(session_.get(), stream, bytes);
}
void ClientCodec::blocked(std::int64_t stream) { nghttp3_conn_block_stream(session_.get(), stream); }
void ClientCodec::shut(std::int64_t stream) { nghttp3_conn_shutdown_stream_write(session_.get(), stream); }

}  // namespace sally::http3
