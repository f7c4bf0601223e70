#include "proto/http2/server_codec.h"

#include <algorithm>
#include <new>
#include <utility>

#include "proto/http2/answer_fields.h"
#include "proto/http2/codec_answers.h"
#include "proto/http2/frame_events.h"
#include "proto/http2/priority.h"
#include "proto/http2/request_head.h"

namespace sally::http2 {
namespace {

Error copy_of(const Error& e) { return Error(e.kind(), e.pos(), std::string(e.detail()), e.raised()); }
Stream& state_of(const http::Exchange& x) { return *static_cast<Stream*>(x.owner_state); }

std::uint32_t stream_window(const http::HttpLimits& limits, http::ExchangePool& pool) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(limits.h2.stream_window, pool.body_pipe_bytes()));
}

}  // namespace

ServerCodec::ServerCodec(http::ExchangePool& pool, const http::HttpLimits& limits, CodecEvents& events,
                         const http::ConnectionFacts& facts, const http::Stamp& stamp)
    : pool_(pool),
      limits_(limits),
      events_(events),
      facts_(facts),
      stamp_(stamp),
      guard_(limits.h2, stamp.now),
      session_(make_session(frame_events(), limits, stream_window(limits, pool), this)) {
  if (!session_) throw std::bad_alloc();
}

ServerCodec::~ServerCodec() {
  session_.reset();  // before what its queue points into
  while (streams_ != nullptr) give_back(*streams_);
}

// --- requests in

Result<std::size_t> ServerCodec::receive(Bytes plain) {
  if (ended_) return plain.size();
  // A client that reads nothing gets nothing more read: its answers would only pile up.
  if (blocked_ && too_much_queued()) return std::size_t{0};
  const Inside inside(*this);
  const ssize_t n = nghttp2_session_mem_recv(session_.get(), as_u8(plain), plain.size());
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (n >= 0 && !broken_) return static_cast<std::size_t>(n);

  std::uint32_t code = NGHTTP2_ENHANCE_YOUR_CALM;
  if (!broken_) {
    const ErrorKind* kind = &kLibrary;
    code = NGHTTP2_INTERNAL_ERROR;
    if (n == NGHTTP2_ERR_BAD_CLIENT_MAGIC) kind = &kBadPreface, code = NGHTTP2_PROTOCOL_ERROR;
    if (n == NGHTTP2_ERR_FLOODED) kind = &kQueueFull, code = NGHTTP2_ENHANCE_YOUR_CALM;
    if (n == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS)
      kind = &kTooManyContinuations, code = NGHTTP2_ENHANCE_YOUR_CALM;
    broken_.emplace(*kind, WirePos{}, nghttp2_strerror(static_cast<int>(n)), std::source_location::current());
  }
  end_with(*broken_, code);
  return std::unexpected(copy_of(*broken_));
}

bool ServerCodec::too_much_queued() const {
  return nghttp2_session_get_outbound_queue_size(session_.get()) > limits_.h2.control_queue;
}

/// Counts what costs more to take than to send, before nghttp2 acts upon it.
void ServerCodec::begin_frame(const nghttp2_frame_hd& head) {
  const bool reply = (head.flags & NGHTTP2_FLAG_ACK) != 0;
  switch (head.type) {
    case NGHTTP2_DATA:
      if (head.length == 0 && (head.flags & NGHTTP2_FLAG_END_STREAM) == 0) count(FloodGuard::empty_frames);
      break;
    case NGHTTP2_CONTINUATION:
      if (head.length == 0 && (head.flags & NGHTTP2_FLAG_END_HEADERS) == 0) count(FloodGuard::empty_frames);
      break;
    case NGHTTP2_RST_STREAM:
      count(FloodGuard::resets);
      break;
    case NGHTTP2_SETTINGS:
      if (!reply) count(FloodGuard::settings);
      break;
    case NGHTTP2_PING:
      if (!reply) count(FloodGuard::pings);
      break;
    case NGHTTP2_PRIORITY:
    case NGHTTP2_PRIORITY_UPDATE:
      count(FloodGuard::priorities);
      break;
    case NGHTTP2_WINDOW_UPDATE:
      count(FloodGuard::window_updates);
      break;
    default:
      break;
  }
}

void ServerCodec::count(FloodGuard::Kind kind) {
  if (broken_ || guard_.spend(kind, stamp_.now)) return;
  broken_.emplace(FloodGuard::error_of(kind), WirePos{}, std::string(), std::source_location::current());
}

Stream* ServerCodec::open_stream(std::int32_t id) {
  http::Exchange& x = *pool_.take().release();
  auto* const s = new (x.arena.take(sizeof(Stream), alignof(Stream))) Stream(*this, x, id);
  x.owned_by(*this);
  x.owner_state = s;
  x.facts = &facts_;
  x.stream_id = id;
  x.began = stamp_.now;
  x.request.version = http::Version::http2;
  s->next = streams_;
  if (streams_ != nullptr) streams_->previous = s;
  streams_ = recent_ = s;
  ++open_;
  ++heads_;
  return s;
}

Stream* ServerCodec::find_stream(std::int32_t id) {
  if (id == 0) return nullptr;
  auto* const s = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
  if (s != nullptr) recent_ = s;
  return s;
}

void ServerCodec::head_is_whole(Stream& s, bool input_whole) {
  --heads_;
  s.head_whole = true;
  s.input_whole = input_whole;
  http::Exchange& x = s.x;
  x.began = stamp_.now;
  x.request.has_body = !input_whole;
  ++requests_;
  if (requests_ == limits_.requests_per_connection) drain();
  if (input_whole) {
    x.request_body.finish();
  } else {
    ++receiving_;
    x.request_body.open(s);
    x.request_body.limit_total(limits_.body_bytes);
  }
  if (auto head = finish_head(s, limits_, facts_.secure); !head) return refuse_request(x, head.error());
  s.continue_due = x.request.expects_continue;
  events_.on_request(x);
  if (!input_whole) fail_if_promised_too_much(x, s.id);
}

void ServerCodec::take_content(Stream& s, Bytes bytes) {
  // RFC 9110 10.1.1: a client that sends its content does not wait for a 100.
  s.continue_due = false;
  s.unconsumed += bytes.size();
  if (s.ours || s.input_whole) return;
  if (s.answered && (s.unread_bytes += bytes.size()) > limits_.unread_body_bytes)
    return reset(s, NGHTTP2_NO_ERROR);  // RFC 9113 8.1
  if (auto pushed = s.x.request_body.push(bytes); !pushed) {
    s.x.failure = pushed.error().kind().id;
    reset(s, NGHTTP2_FLOW_CONTROL_ERROR);
  }
}

void ServerCodec::input_is_whole(Stream& s) {
  if (std::exchange(s.input_whole, true)) return;
  --receiving_;
  s.x.request_body.finish();
}

void ServerCodec::close_stream(Stream& s, std::uint32_t code) {
  http::Exchange& x = s.x;
  if (code != NGHTTP2_NO_ERROR && x.failure.empty() && !s.answered) x.failure = kStream.id;
  if (s.unconsumed != 0) nghttp2_session_consume_connection(session_.get(), s.unconsumed);
  events_.on_finished(x);
  give_back(s);
}

void ServerCodec::give_back(Stream& s) {
  --open_;
  if (!s.head_whole)
    --heads_;
  else if (!s.input_whole)
    --receiving_;
  if (s.answering) --answering_;
  if (s.starved) --starved_;
  if (s.x.tunnel()) --tunnels_;
  if (recent_ == &s) recent_ = nullptr;
  (s.previous != nullptr ? s.previous->next : streams_) = s.next;
  if (s.next != nullptr) s.next->previous = s.previous;
  pool_.give(std::unique_ptr<http::Exchange>(&s.x));
}

// --- the connection's other calls

CodecWait ServerCodec::waiting() const {
  if (!pending_.empty() || !farewell_.empty()) return CodecWait::send;
  // RFC 9113 4.3: until a head is whole, no frame of another stream may come.
  if (heads_ != 0) return CodecWait::head;
  if (blocked_ || answering_ > starved_) return CodecWait::send;
  if (open_ != 0 && open_ == tunnels_) return CodecWait::tunnel;
  if (receiving_ != 0)
    for (const Stream* s = streams_; s != nullptr; s = s->next)
      if (!s->input_whole && !s->x.tunnel() &&
          (s->x.request_body.awaited() || s->x.request_body.discarding()))
        return CodecWait::body;
  return open_ != 0 ? CodecWait::response : CodecWait::idle;
}

void ServerCodec::drain() {
  if (ended_ || std::exchange(draining_, true)) return;
  nghttp2_submit_shutdown_notice(session_.get());
  nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, kDrainPing);
  tell_sendable();
}

/// The client has had a round trip to hear of the end: what is open now is the last.
void ServerCodec::say_the_end() {
  if (!draining_ || std::exchange(said_the_end_, true)) return;
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR, nullptr,
                        0);
}

bool ServerCodec::finished() const {
  if (!farewell_.empty() || !pending_.empty()) return false;
  if (ended_) return true;
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

void ServerCodec::end_of_input() {
  if (ended_) return;
  ended_ = true;
  pending_ = {};
  farewell_.clear();
  end_all(kClosedByClient.id);
}

void ServerCodec::fail_with(const Error& why) {
  if (ended_) return;
  std::uint32_t code = NGHTTP2_NO_ERROR;
  if (open_ != 0) code = why.kind().blame == Blame::peer ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_INTERNAL_ERROR;
  end_with(why, code);
  tell_sendable();
}

void ServerCodec::end_with(const Error& why, std::uint32_t code) {
  if (std::exchange(ended_, true)) return;
  farewell_.assign(as_text(pending_));
  pending_ = {};
  const auto add = [&](std::uint64_t n, unsigned octets) {
    while (octets-- > 0) farewell_ += static_cast<char>(n >> 8 * octets & 0xff);
  };
  const auto add_frame_head = [&](std::uint32_t size, std::uint32_t type) {
    add(size, 3);
    add(type, 1);
    add(0, 5);
  };
  // RFC 9113 3.4: whatever else is wrong, SETTINGS come first.
  if (!settings_sent_) add_frame_head(0, NGHTTP2_SETTINGS);
  const std::string_view reason = why.kind().id;
  add_frame_head(static_cast<std::uint32_t>(8 + reason.size()), NGHTTP2_GOAWAY);
  add(static_cast<std::uint32_t>(nghttp2_session_get_last_proc_stream_id(session_.get())), 4);
  add(code, 4);
  farewell_ += reason;
  end_all(reason);
}

void ServerCodec::end_all(std::string_view failure) {
  while (streams_ != nullptr) {
    Stream& s = *streams_;
    if (s.x.failure.empty() && !s.answered) s.x.failure = failure;
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
    x.failure = submitted.error().kind().id;
    make_bare_500(x.response);
    if (!submit_answer(s)) reset(s, NGHTTP2_INTERNAL_ERROR);
  }
  tell_sendable();
}

void ServerCodec::body_ready(http::Exchange& x) {
  Stream& s = state_of(x);
  if (ended_ || !std::exchange(s.starved, false)) return;
  --starved_;
  nghttp2_session_resume_data(session_.get(), s.id);
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
  reset(state_of(x), NGHTTP2_INTERNAL_ERROR);
}

void Stream::taken(http::BodyPipe&, std::size_t n) { codec.taken(*this, n); }
void Stream::wanted(http::BodyPipe&) { codec.wanted(*this); }

void ServerCodec::taken(Stream& s, std::size_t n) {
  s.unconsumed -= std::min(n, s.unconsumed);
  if (ended_) return;
  nghttp2_session_consume(session_.get(), s.id, n);
  if (!inside_ && nghttp2_session_want_write(session_.get()) != 0) events_.on_sendable();
}

void ServerCodec::wanted(Stream& s) {
  const std::uint64_t most = s.x.request_body.total_limit();
  if (most != 0 && s.x.request.content_length.value_or(0) > most) return;
  if (!ended_ && std::exchange(s.continue_due, false)) submit_interim(s, 100, {});
}

}  // namespace sally::http2
