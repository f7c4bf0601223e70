#include "proto/http3/server_codec.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "proto/http2/codec_answers.h"
#include "proto/http2/request_head.h"

namespace sally::http3 {
namespace {

Stream& state_of(const http::Exchange& x) { return *static_cast<Stream*>(x.owner_state); }

nghttp3_conn* make_session(const http::HttpLimits& limits, const quic::QuicConfig& config, void* user) {
  nghttp3_settings settings;
  nghttp3_settings_default(&settings);
  settings.max_field_section_size = limits.header_bytes;
  settings.qpack_max_dtable_capacity = config.header_table;
  settings.qpack_encoder_max_dtable_capacity = config.header_table;
  settings.qpack_blocked_streams = config.blocked_streams;
  settings.enable_connect_protocol = 1;  // RFC 9220
  nghttp3_conn* made = nullptr;
  if (nghttp3_conn_server_new(&made, &session_events(), &settings, nullptr, user) != 0)
    throw std::bad_alloc();
  nghttp3_conn_set_max_client_streams_bidi(made, config.max_streams);
  return made;
}

}  // namespace

ServerCodec::ServerCodec(http::ExchangePool& pool, const quic::QuicConfig& config, CodecEvents& events,
                         const http::ConnectionFacts& facts, const http::Stamp& stamp)
    : pool_(pool), config_(config), events_(events), facts_(facts), stamp_(stamp) {}

ServerCodec::~ServerCodec() {
  ended_ = true;
  session_.reset();  // before what it points into
  while (!streams_.empty()) give_back(*streams_.begin()->second);
}

ServerCodec::Fault ServerCodec::begin(quic::Connection& connection, const http::HttpLimits& limits) {
  connection_ = &connection;
  limits_ = &limits;
  guard_.emplace(limits.h2, stamp_.now);
  session_.reset(make_session(limits, config_, this));
  const auto control = connection.open_one_way(), encoder = connection.open_one_way(),
             decoder = connection.open_one_way();
  // RFC 9114 6.2: a client must allow three streams at least.
  if (!control || !encoder || !decoder) return NGHTTP3_H3_GENERAL_PROTOCOL_ERROR;
  if (nghttp3_conn_bind_control_stream(session_.get(), *control) != 0 ||
      nghttp3_conn_bind_qpack_streams(session_.get(), *encoder, *decoder) != 0)
    return NGHTTP3_H3_INTERNAL_ERROR;
  return std::nullopt;
}

// --- requests in

ServerCodec::Fault ServerCodec::fault_of(nghttp3_ssize rv) {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (rv == NGHTTP3_ERR_QPACK_HEADER_TOO_LARGE) break_with(kHeaderBomb, "one field has more than 64 KiB");
  if (broken_)
    return broken_->is(kHeaderBomb) || broken_->is(kTooManyResets) ? NGHTTP3_H3_EXCESSIVE_LOAD
                                                                   : NGHTTP3_H3_GENERAL_PROTOCOL_ERROR;
  if (rv >= 0) return std::nullopt;
  break_with(kProtocol, nghttp3_strerror(static_cast<int>(rv)));
  return nghttp3_err_infer_quic_app_error_code(static_cast<int>(rv));
}

void ServerCodec::break_with(const ErrorKind& kind, std::string detail) {
  if (!broken_) broken_.emplace(kind, WirePos{}, std::move(detail), std::source_location::current());
}

void ServerCodec::count_reset() {
  if (!guard_->spend(http2::FloodGuard::resets, stamp_.now)) break_with(kTooManyResets, {});
}

ServerCodec::Fault ServerCodec::receive(std::int64_t stream, Bytes bytes, bool end) {
  if (ended_) return std::nullopt;
  const Inside inside(*this);
  received_ += bytes.size();
  handed_on_ = 0;
  if (!ngtcp2_is_bidi_stream(stream)) {
    const auto passed = one_way_[stream].pass(bytes);
    if (!passed) break_with(kProtocol, "a frame of the control stream breaks its rules");
    if (!passed) return passed.error();
    bytes = *passed;
    if (bytes.empty() && !end) return std::nullopt;
  }
  const nghttp3_ssize n =
      nghttp3_conn_read_stream(session_.get(), stream, as_u8(bytes), bytes.size(), end ? 1 : 0);
  if (n > 0) connection_->used(stream, static_cast<std::uint64_t>(n));
  if (n < 0 && ngtcp2_is_bidi_stream(stream) && is_fault_of_request(stream, n, bytes.empty() && end)) {
    connection_->used(stream, bytes.size() - handed_on_);
    return fault_of(0);
  }
  return fault_of(n);
}

/// RFC 9114 4.1, 4.1.2: what nghttp3 takes for a fault of the connection, but only ends its request.
/// `bare_end`: the stream ended, and nothing came with it.
bool ServerCodec::is_fault_of_request(std::int64_t stream, nghttp3_ssize fault, bool bare_end) {
  Stream* const s = find(stream);
  if (s != nullptr && fault == NGHTTP3_ERR_MALFORMED_HTTP_MESSAGING) {
    note_malformed(*s, NGHTTP3_H3_MESSAGE_ERROR);
    return true;
  }
  if (s != nullptr || fault != NGHTTP3_ERR_H3_FRAME_UNEXPECTED || !bare_end) return false;
  count_reset();
  nghttp3_conn_shutdown_stream_read(session_.get(), stream);
  connection_->shut(stream, NGHTTP3_H3_REQUEST_INCOMPLETE);
  tell_sendable();
  return true;
}

void ServerCodec::note_malformed(Stream& s, std::uint64_t error) {
  if (s.x.failure.empty() && !s.answered) s.x.failure = kStream.id;
  count_reset();
  reset(s, error);
}

ServerCodec::Fault ServerCodec::reset_by_client(std::int64_t stream, std::uint64_t) {
  if (ended_) return std::nullopt;
  const Inside inside(*this);
  count_reset();
  if (Stream* const s = find(stream)) note_reset(*s);
  const int rv = nghttp3_conn_shutdown_stream_read(session_.get(), stream);
  return fault_of(rv);
}

void ServerCodec::note_reset(Stream& s) {
  s.given_up = true;
  if (s.x.failure.empty() && !s.answered) s.x.failure = kResetByClient.id;
}

ServerCodec::Fault ServerCodec::closed(std::int64_t stream, std::uint64_t error) {
  if (ended_) return std::nullopt;
  const Inside inside(*this);
  // A client that only stops reading is as expensive as one that resets.
  const bool early = error != 0 && error != NGHTTP3_H3_NO_ERROR;
  if (Stream* const s = find(stream); early && s != nullptr && !s->ours && !s->answered && !s->given_up) {
    count_reset();
    note_reset(*s);
  }
  if (ngtcp2_is_bidi_stream(stream)) connection_->allow_streams(1);
  const int rv = nghttp3_conn_close_stream(session_.get(), stream, error == 0 ? NGHTTP3_H3_NO_ERROR : error);
  if (rv == NGHTTP3_ERR_STREAM_NOT_FOUND) return fault_of(0);
  return fault_of(rv);
}

Stream& ServerCodec::open_stream(std::int64_t id) {
  auto made = std::make_unique<Stream>(*this, pool_.take(), id);
  http::Exchange& x = made->x;
  x.owned_by(*this);
  x.owner_state = made.get();
  x.facts = &facts_;
  x.stream_id = id;
  x.began = stamp_.now;
  x.request.version = http::Version::http3;
  ++receiving_;
  return *(streams_[id] = std::move(made));
}

Stream* ServerCodec::find(std::int64_t id) {
  const auto it = streams_.find(id);
  return it == streams_.end() ? nullptr : it->second.get();
}

void ServerCodec::head_is_whole(Stream& s, bool input_whole) {
  s.head_whole = true;
  http::Exchange& x = s.x;
  x.began = stamp_.now;
  x.request.has_body = !input_whole;
  ++requests_;
  if (requests_ == limits_->requests_per_connection) drain();
  if (input_whole) {
    input_is_whole(s);
  } else {
    x.request_body.open(s);
    x.request_body.limit_total(limits_->body_bytes);
  }
  if (auto head = http2::finish_head(s, *limits_, facts_.secure); !head)
    return http2::refuse_request(x, head.error());
  s.continue_due = x.request.expects_continue;
  events_.on_request(x);
  if (!input_whole) http2::fail_if_promised_too_much(x, s.id);
}

void ServerCodec::take_content(Stream& s, Bytes bytes) {
  // RFC 9110 10.1.1: a client that sends its content does not wait for a 100.
  s.continue_due = false;
  handed_on_ += bytes.size();
  if (s.ours || s.input_whole) return connection_->used(s.id, bytes.size());
  if (s.answered && (s.unread_bytes += bytes.size()) > limits_->unread_body_bytes) {
    connection_->used(s.id, bytes.size());
    return reset(s, NGHTTP3_H3_NO_ERROR);  // RFC 9114 4.1
  }
  if (auto pushed = s.x.request_body.push(bytes); !pushed) {
    s.x.failure = pushed.error().kind().id;
    connection_->used(s.id, bytes.size());
    reset(s, NGHTTP3_H3_INTERNAL_ERROR);
  }
}

void ServerCodec::input_is_whole(Stream& s) {
  if (std::exchange(s.input_whole, true)) return;
  --receiving_;
  s.x.request_body.finish();
}

void ServerCodec::close_stream(Stream& s, std::uint64_t error) {
  http::Exchange& x = s.x;
  if (error != NGHTTP3_H3_NO_ERROR && x.failure.empty() && !s.answered) x.failure = kStream.id;
  events_.on_finished(x);
  give_back(s);
}

void ServerCodec::give_back(Stream& s) {
  // What nobody read would narrow the connection's window for good (RFC 9000 4.1).
  if (!ended_) s.x.request_body.discard();
  if (!s.input_whole) --receiving_;
  if (s.answering) --answering_;
  if (s.starved) --starved_;
  if (s.full) --full_;
  if (s.x.tunnel()) --tunnels_;
  held_ -= s.held;
  auto exchange = std::move(s.owned);
  streams_.erase(s.id);
  pool_.give(std::move(exchange));
}

// --- the connection's other calls

CodecWait ServerCodec::waiting() const {
  if (answering_ > starved_) return CodecWait::send;
  if (!streams_.empty() && streams_.size() == tunnels_) return CodecWait::tunnel;
  if (receiving_ != 0)
    for (const auto& [id, s] : streams_) {
      if (!s->head_whole) return CodecWait::head;
      if (!s->input_whole && !s->x.tunnel() &&
          (s->x.request_body.awaited() || s->x.request_body.discarding()))
        return CodecWait::body;
    }
  return streams_.empty() ? CodecWait::idle : CodecWait::response;
}

void ServerCodec::drain() {
  if (ended_ || connection_ == nullptr) return;
  if (!std::exchange(draining_, true))
    nghttp3_conn_submit_shutdown_notice(session_.get());
  else if (!std::exchange(said_the_end_, true))
    nghttp3_conn_shutdown(session_.get());
  tell_sendable();
}

bool ServerCodec::finished() const {
  return ended_ || (said_the_end_ && streams_.empty() && nghttp3_conn_is_drained(session_.get()) != 0);
}

void ServerCodec::fail_with(const Error& why) {
  if (std::exchange(ended_, true)) return;
  while (!streams_.empty()) {
    Stream& s = *streams_.begin()->second;
    if (s.x.failure.empty() && !s.answered) s.x.failure = why.kind().id;
    events_.on_finished(s.x);
    give_back(s);
  }
}

void ServerCodec::tell_sendable() {
  if (!inside_) events_.on_sendable();
}

// --- what exchanges and bodies tell

void ServerCodec::response_ready(http::Exchange& x) {
  Stream& s = state_of(x);
  if (x.tunnel()) {
    ++tunnels_;
    x.request_body.limit_total(0);
  }
  if (ended_ || s.ours) return;
  if (auto submitted = submit_answer(s); !submitted) {
    x.failure = kBadAnswer.id;
    http2::make_bare_500(x.response);
    if (!submit_answer(s)) reset(s, NGHTTP3_H3_INTERNAL_ERROR);
  }
  tell_sendable();
}

void ServerCodec::body_ready(http::Exchange& x) {
  Stream& s = state_of(x);
  if (ended_ || !std::exchange(s.starved, false)) return;
  --starved_;
  nghttp3_conn_resume_stream(session_.get(), s.id);
  tell_sendable();
}

void ServerCodec::interim_ready(http::Exchange& x) {
  Stream& s = state_of(x);
  if (ended_ || s.ours || !x.interim) return;
  submit_interim(s, x.interim->status, x.interim->fields);
  x.interim.reset();
}

void ServerCodec::abort(http::Exchange& x, Error why) {
  if (ended_) return;
  if (x.failure.empty()) x.failure = why.kind().id;
  reset(state_of(x), NGHTTP3_H3_INTERNAL_ERROR);
}

void Stream::taken(http::BodyPipe&, std::size_t n) { codec.taken(*this, n); }
void Stream::wanted(http::BodyPipe&) { codec.wanted(*this); }

void ServerCodec::taken(Stream& s, std::size_t n) {
  if (ended_) return;
  connection_->used(s.id, n);
  tell_sendable();
}

void ServerCodec::wanted(Stream& s) {
  const std::uint64_t most = s.x.request_body.total_limit();
  if (most != 0 && s.x.request.content_length.value_or(0) > most) return;
  if (!ended_ && std::exchange(s.continue_due, false)) submit_interim(s, 100, {});
}

}  // namespace sally::http3
