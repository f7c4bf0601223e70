#include "proto/http2/server_codec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "http/status.h"

namespace sally::http2 {
namespace {

using What = FloodGuard::What;

constexpr std::size_t kFrameHead = 9;
/// Room that one frame may need: nghttp2 makes none larger than the peer's default SETTINGS_MAX_FRAME_SIZE.
constexpr std::size_t kFrameRoom = 16 * 1024 + kFrameHead;

std::string_view text_of(nghttp2_rcbuf* buffer) {
  const nghttp2_vec v = nghttp2_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(v.base), v.len};
}

/// The fields of an answer as nghttp2 takes them: views, whose bytes live until the frame is written.
class FieldList {
 public:
  void add(std::string_view name, std::string_view value) {
    constexpr std::uint8_t kFlags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    const auto bytes = [](std::string_view s) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(s.data())); };
    const nghttp2_nv nv{bytes(name), bytes(value), name.size(), value.size(), kFlags};
    if (size_ < few_.size())
      few_[size_] = nv;
    else
      many_.push_back(nv);
    ++size_;
  }
  void add(const http::Fields& fields) {
    for (const http::Field& f : fields) add(f.name, f.value);
  }
  const nghttp2_nv* data() {
    if (many_.empty()) return few_.data();
    many_.insert(many_.begin(), few_.begin(), few_.end());
    return many_.data();
  }
  std::size_t size() const { return size_; }

 private:
  std::array<nghttp2_nv, 32> few_;
  std::vector<nghttp2_nv> many_;
  std::size_t size_ = 0;
};

std::string_view number_text(Arena& arena, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return arena.copy({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

}  // namespace

/// A request and its answer. `x` is null once the exchange has ended while the stream still closes.
struct ServerCodec::Stream final : http::BodyPipe::Writer {
  Stream(ServerCodec& owner, std::int32_t stream_id) : codec(owner), id(stream_id) {}
  void taken(http::BodyPipe&, std::size_t n) override { codec.on_taken(*this, n); }
  void wanted(http::BodyPipe&) override { codec.on_wanted(*this); }

  ServerCodec& codec;
  std::int32_t id;
  std::size_t place = 0;  ///< in streams_
  std::unique_ptr<http::Exchange> x;
  RequestHead head;
  Bytes piece;             ///< what read_body() promised and write_data() writes
  std::uint64_t left = 0;  ///< of the body, if its length is known
  bool counted = false;    ///< its length is known
  bool dispatched = false, submitted = false, starved = false, ended = false, wants_body = false, continued = false;
};

struct ServerCodec::Calls {
  static ServerCodec& codec(void* p) { return *static_cast<ServerCodec*>(p); }
  static Stream* stream(nghttp2_session* s, std::int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(s, id));
  }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* hd, void* p) { return codec(p).on_begin_frame(*hd); }
  static int begin_headers(nghttp2_session*, const nghttp2_frame* f, void* p) {
    ServerCodec& c = codec(p);
    c.in_head_ = true;
    if (f->headers.cat == NGHTTP2_HCAT_REQUEST) c.open_stream(f->hd.stream_id);
    return 0;
  }
  static int header(nghttp2_session* s, const nghttp2_frame* f, nghttp2_rcbuf* name, nghttp2_rcbuf* value, std::uint8_t, void* p) {
    Stream* const stream = Calls::stream(s, f->hd.stream_id);
    return stream && stream->x ? codec(p).on_header(*stream, text_of(name), text_of(value)) : 0;
  }
  /// RFC 9113 8.1.1: a malformed request is a stream error.
  static int invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t, const std::uint8_t*,
                            std::size_t, std::uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  static int frame(nghttp2_session* s, const nghttp2_frame* f, void* p) {
    if (f->hd.type == NGHTTP2_PING && f->hd.flags & NGHTTP2_FLAG_ACK) codec(p).on_ping_answered();
    if (f->hd.type != NGHTTP2_HEADERS && f->hd.type != NGHTTP2_DATA) return 0;
    if (f->hd.type == NGHTTP2_HEADERS) codec(p).in_head_ = false;
    Stream* const stream = Calls::stream(s, f->hd.stream_id);
    return stream && stream->x ? codec(p).on_frame_end(*stream, f->hd.flags & NGHTTP2_FLAG_END_STREAM) : 0;
  }
  static int data(nghttp2_session* s, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t n, void* p) {
    return codec(p).on_data(Calls::stream(s, id), id, as_bytes(std::span(bytes, n)));
  }
  static int close(nghttp2_session* s, std::int32_t id, std::uint32_t code, void* p) {
    Stream* const stream = Calls::stream(s, id);
    return stream ? codec(p).on_stream_close(*stream, code) : 0;
  }
  static ssize_t read(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t most, std::uint32_t* flags,
                      nghttp2_data_source* source, void* p) {
    return codec(p).read_body(*static_cast<Stream*>(source->ptr), most, *flags);
  }
  static int write(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t n, nghttp2_data_source* source, void* p) {
    return codec(p).write_data(*static_cast<Stream*>(source->ptr), as_bytes(std::span(head, kFrameHead)), n);
  }

  static const nghttp2_session_callbacks* all() {
    static const Callbacks made = [] {
      nghttp2_session_callbacks* c = nullptr;
      nghttp2_session_callbacks_new(&c);
      nghttp2_session_callbacks_set_on_begin_frame_callback(c, begin_frame);
      nghttp2_session_callbacks_set_on_begin_headers_callback(c, begin_headers);
      nghttp2_session_callbacks_set_on_header_callback2(c, header);
      nghttp2_session_callbacks_set_on_invalid_header_callback(c, invalid_header);
      nghttp2_session_callbacks_set_on_frame_recv_callback(c, frame);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, data);
      nghttp2_session_callbacks_set_on_stream_close_callback(c, close);
      nghttp2_session_callbacks_set_send_data_callback(c, write);
      return Callbacks(c);
    }();
    return made.get();
  }
};

ServerCodec::ServerCodec(http::ExchangePool& pool, const http::HttpLimits& limits, CodecEvents& events,
                         const http::ConnectionFacts& facts, const http::Stamp& stamp)
    : pool_(pool), limits_(limits), events_(events), facts_(facts), stamp_(stamp), flood_(limits.h2) {
  const http::Http2Limits& h2 = limits_.h2;
  nghttp2_option* made = nullptr;
  nghttp2_option_new(&made);
  const Option option(made);
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  nghttp2_option_set_max_outbound_ack(made, h2.control_queue);
  nghttp2_option_set_max_settings(made, 32);
  nghttp2_option_set_max_continuations(made, h2.continuation_frames);
  nghttp2_option_set_max_deflate_dynamic_table_size(made, h2.header_table);
  nghttp2_option_set_builtin_recv_extension_type(made, NGHTTP2_PRIORITY_UPDATE);
  nghttp2_session* session = nullptr;
  nghttp2_session_server_new2(&session, Calls::all(), this, made);
  session_.reset(session);
  const std::array<nghttp2_settings_entry, 6> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, h2.max_streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, h2.stream_window},
      {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, h2.header_table},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, h2.frame_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits_.header_bytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(h2.connection_window));
}

ServerCodec::~ServerCodec() {
  for (const auto& s : streams_)
    if (s->x) pool_.give(std::move(s->x));
}

// ---------------------------------------------------------------------------------------------- requests in

Result<std::size_t> ServerCodec::receive(Bytes plain) {
  if (dead_ || failed_ != nullptr) return plain.size();
  const ssize_t n = nghttp2_session_mem_recv(session_.get(), as_u8(plain), plain.size());
  if (failed_ != nullptr) return fail(*failed_, facts_.client_address);
  if (n >= 0) return static_cast<std::size_t>(n);
  failed_ = &kProtocol;
  end_exchanges(kProtocol.id);
  nghttp2_session_terminate_session(session_.get(), n == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
  return fail(kProtocol, nghttp2_strerror(static_cast<int>(n)));
}

/// Ends the connection with ENHANCE_YOUR_CALM (RFC 9113 10.5). What it returns stops nghttp2's reading.
int ServerCodec::flood(const ErrorKind& kind) {
  failed_ = &kind;
  end_exchanges(kind.id);
  nghttp2_session_terminate_session(session_.get(), NGHTTP2_ENHANCE_YOUR_CALM);
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int ServerCodec::on_begin_frame(const nghttp2_frame_hd& hd) {
  std::optional<What> what;
  const bool ack = hd.flags & NGHTTP2_FLAG_ACK;
  if (hd.type == NGHTTP2_SETTINGS && !ack) what = What::settings;
  if (hd.type == NGHTTP2_PING && !ack) what = What::ping;
  if (hd.type == NGHTTP2_PRIORITY || hd.type == NGHTTP2_PRIORITY_UPDATE) what = What::priority;
  if (hd.type == NGHTTP2_WINDOW_UPDATE) what = What::window_update;
  if (hd.type == NGHTTP2_RST_STREAM) what = What::reset;
  if (hd.type == NGHTTP2_DATA && hd.length == 0 && !(hd.flags & NGHTTP2_FLAG_END_STREAM)) what = What::empty_frame;
  if (hd.type == NGHTTP2_CONTINUATION && hd.length == 0) what = What::empty_frame;
  const ErrorKind* const kind = what ? flood_.count(*what, stamp_.now) : nullptr;
  return kind ? flood(*kind) : 0;
}

void ServerCodec::open_stream(std::int32_t id) {
  auto made = std::make_unique<Stream>(*this, id);
  Stream& s = *made;
  s.place = streams_.size();
  s.x = pool_.take();
  s.x->owned_by(*this);
  s.x->owner_state = &s;
  s.x->stream_id = id;
  s.x->facts = &facts_;
  streams_.push_back(std::move(made));
  nghttp2_session_set_stream_user_data(session_.get(), id, &s);
}

int ServerCodec::on_header(Stream& s, std::string_view name, std::string_view value) {
  if (s.dispatched) {  // a trailer; RFC 9110 6.5.1 is enforced by not looking at them for framing
    if (s.x->request_body.trailers.size() < limits_.trailer_count && s.x->arena.used() < limits_.header_bytes + limits_.trailer_bytes)
      s.x->request_body.trailers.add(s.x->arena.copy(name), s.x->arena.copy(value));
    return 0;
  }
  return s.head.field(*s.x, limits_, name, value) == RequestHead::Take::absurd ? flood(kHeaderBomb) : 0;
}

int ServerCodec::on_frame_end(Stream& s, bool end_stream) {
  http::Exchange& x = *s.x;
  if (!s.dispatched) {
    s.dispatched = true;
    x.began = stamp_.now;
    const int refused = s.head.finish(x, facts_.secure, end_stream);
    x.request_body.open(s);
    x.request_body.limit_total(limits_.body_bytes);
    if (end_stream) x.request_body.finish();
    if (refused != 0) {
      x.failure = refused == 431 ? kHeadTooLarge.id : kMalformed.id;
      x.respond_text(refused, "text/plain; charset=utf-8", std::string(http::reason_phrase(refused)) + "\n");
      return 0;
    }
    events_.on_request(x);
    return 0;
  }
  if (end_stream && s.x) s.x->request_body.finish();
  return 0;
}

int ServerCodec::on_data(Stream* s, std::int32_t id, Bytes bytes) {
  if (s == nullptr || !s->x) {
    nghttp2_session_consume(session_.get(), id, bytes.size());
    return 0;
  }
  s->wants_body = false;
  if (!s->x->request_body.push(bytes)) return NGHTTP2_ERR_CALLBACK_FAILURE;  // the window is never larger than the pipe
  return 0;
}

int ServerCodec::on_stream_close(Stream& s, std::uint32_t code) {
  if (s.x) {
    if (code != NGHTTP2_NO_ERROR && !s.ended && s.x->failure.empty()) s.x->failure = kReset.id;
    if (!s.ended) s.x->request_body.break_with(Error(kReset, WirePos{UINT64_MAX, s.id}, {}, std::source_location::current()));
    end_exchange(s);
  }
  nghttp2_session_set_stream_user_data(session_.get(), s.id, nullptr);
  forget(s);
  // CVE-2025-8671: whoever ended it early, the work was for nothing. Resets by the client are counted as frames.
  if (code == NGHTTP2_NO_ERROR || code == NGHTTP2_CANCEL || failed_ != nullptr) return 0;
  const ErrorKind* const kind = flood_.count(What::reset, stamp_.now);
  if (kind == nullptr) return 0;
  const int stop = flood(*kind);
  return out_ != nullptr ? 0 : stop;  // while writing, the GOAWAY shall still go out
}

void ServerCodec::end_exchange(Stream& s) {
  events_.on_finished(*s.x);
  pool_.give(std::move(s.x));
}

void ServerCodec::end_exchanges(std::string_view failure) {
  for (const auto& s : streams_) {
    if (!s->x) continue;
    if (s->x->failure.empty() && !s->ended) s->x->failure = failure;
    end_exchange(*s);
  }
}

void ServerCodec::forget(Stream& s) {
  const std::size_t place = s.place;
  std::unique_ptr<Stream> gone = std::move(streams_[place]);
  if (place + 1 != streams_.size()) {
    streams_[place] = std::move(streams_.back());
    streams_[place]->place = place;
  }
  streams_.pop_back();
}

void ServerCodec::on_taken(Stream& s, std::size_t n) {
  if (n == 0 || dead_) return;
  nghttp2_session_consume(session_.get(), s.id, n);
  events_.on_sendable();  // a WINDOW_UPDATE may be due
}

/// RFC 9110 10.1.1: the client waits for a word before it sends the body.
void ServerCodec::on_wanted(Stream& s) {
  s.wants_body = true;
  if (!s.x->request.expects_continue || s.continued || s.submitted) return;
  s.continued = true;
  FieldList list;
  list.add(":status", "100");
  nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, s.id, nullptr, list.data(), list.size(), nullptr);
  events_.on_sendable();
}

// ---------------------------------------------------------------------------------------------- answers out

ServerCodec::Stream& ServerCodec::stream_of(http::Exchange& x) { return *static_cast<Stream*>(x.owner_state); }

void ServerCodec::response_ready(http::Exchange& x) {
  submit(stream_of(x));
  events_.on_sendable();
}

void ServerCodec::submit(Stream& s) {
  http::Exchange& x = *s.x;
  const http::Response& r = x.response;
  FieldList list;
  list.add(":status", number_text(x.arena, static_cast<std::uint64_t>(r.status)));
  bool length_given = false;
  if (r.prepared) {
    list.add(r.prepared->fields);
    length_given = r.prepared->fields.first("content-length").has_value();
  }
  list.add(r.fields);
  length_given = length_given || r.fields.first("content-length").has_value();
  if (!length_given && r.body.length() && !http::forbids_content(r.status))
    list.add("content-length", number_text(x.arena, *r.body.length()));
  if (x.added) list.add(x.added->fields);
  list.add("date", x.arena.copy(stamp_.date_text()));
  if (!stamp_.server.empty()) list.add("server", stamp_.server);

  s.submitted = true;
  s.counted = r.body.length().has_value();
  s.left = r.body.length().value_or(0);
  const bool content = x.request.method != http::Method::head && !http::forbids_content(r.status) && !r.body.is_empty();
  nghttp2_data_provider provider{};
  provider.source.ptr = &s;
  provider.read_callback = Calls::read;
  if (content || r.trailers.empty()) {
    nghttp2_submit_response(session_.get(), s.id, list.data(), list.size(), content ? &provider : nullptr);
    if (!content) s.ended = true;
  } else {
    nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, s.id, nullptr, list.data(), list.size(), nullptr);
    submit_trailers(s);
  }
}

void ServerCodec::submit_trailers(Stream& s) {
  FieldList list;
  list.add(s.x->response.trailers);
  nghttp2_submit_trailer(session_.get(), s.id, list.data(), list.size());
  s.ended = true;
}

/// How much of the body goes into the next DATA frame; write_data() then writes it.
ssize_t ServerCodec::read_body(Stream& s, std::size_t most, std::uint32_t& flags) {
  if (!s.x) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  http::Exchange& x = *s.x;
  auto view = x.response.body.view(most);
  if (!view) {
    x.failure = view.error().kind().id;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // RST_STREAM(INTERNAL_ERROR): never a short success
  }
  s.piece = view->bytes;
  s.starved = s.piece.empty() && !view->end;
  if (s.starved) return NGHTTP2_ERR_DEFERRED;
  if (s.counted && (s.piece.size() > s.left || (view->end && s.piece.size() != s.left))) {
    x.failure = kAnswerLength.id;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  s.left -= s.counted ? s.piece.size() : 0;
  flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (view->end) {
    flags |= NGHTTP2_DATA_FLAG_EOF;
    if (x.response.trailers.empty()) {
      s.ended = true;
    } else {
      flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      submit_trailers(s);
    }
  }
  return static_cast<ssize_t>(s.piece.size());
}

int ServerCodec::write_data(Stream& s, Bytes frame_head, std::size_t n) {
  out_->write(frame_head);
  out_->write(s.piece.first(n));
  s.x->sent_body_bytes += n;
  s.x->response.body.consume(n);
  return 0;
}

Result<bool> ServerCodec::produce(ByteSink& out) {
  out_ = &out;
  while (!dead_ && out.room() >= kFrameRoom) {
    const std::uint8_t* frame = nullptr;
    const ssize_t n = nghttp2_session_mem_send(session_.get(), &frame);
    if (n < 0) {
      dead_ = true;
      end_exchanges(kLost.id);
      return fail(kProtocol, nghttp2_strerror(static_cast<int>(n)));
    }
    if (n == 0) break;
    out.write(as_bytes(std::span(frame, static_cast<std::size_t>(n))));
  }
  out_ = nullptr;
  close_answered();
  if (failed_ != nullptr && nghttp2_session_want_write(session_.get()) == 0) dead_ = true;
  return !dead_ && out.room() < kFrameRoom && nghttp2_session_want_write(session_.get()) != 0;
}

/// RFC 9113 8.1: an answer that does not need the rest of the request ends it with NO_ERROR.
void ServerCodec::close_answered() {
  for (const auto& s : streams_) {
    if (!s->ended || !s->x || s->x->request_body.finished()) continue;
    if (nghttp2_session_get_stream_local_close(session_.get(), s->id) != 1) continue;
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, s->id, NGHTTP2_NO_ERROR);
    events_.on_sendable();
  }
}

void ServerCodec::body_ready(http::Exchange& x) {
  Stream& s = stream_of(x);
  s.starved = false;
  nghttp2_session_resume_data(session_.get(), s.id);
  events_.on_sendable();
}

void ServerCodec::interim_ready(http::Exchange& x) {
  if (!x.interim) return;
  FieldList list;
  list.add(":status", number_text(x.arena, static_cast<std::uint64_t>(x.interim->status)));
  for (const http::Field& f : x.interim->fields) list.add(x.arena.copy(f.name), x.arena.copy(f.value));
  nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, stream_of(x).id, nullptr, list.data(), list.size(), nullptr);
  x.interim.reset();
  events_.on_sendable();
}

void ServerCodec::abort(http::Exchange& x, Error why) {
  x.failure = why.kind().id;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream_of(x).id, NGHTTP2_INTERNAL_ERROR);
  events_.on_sendable();
}

// ---------------------------------------------------------------------------------------------- the connection

CodecWait ServerCodec::waiting() const {
  if (in_head_) return CodecWait::head;
  bool open = false, body = false;
  for (const auto& s : streams_) {
    if (!s->x) continue;
    open = true;
    if (s->submitted && !s->starved) return CodecWait::send;
    body = body || (s->wants_body && !s->submitted);
  }
  return !open ? CodecWait::idle : body ? CodecWait::body : CodecWait::response;
}

/// RFC 9113 6.8: a warning first; the last word follows when a ping has come back, so that requests that are on
/// their way now are still answered.
void ServerCodec::drain() {
  if (draining_ || dead_) return;
  draining_ = true;
  if (streams_.empty()) {
    nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
  } else {
    nghttp2_submit_shutdown_notice(session_.get());
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
  }
  events_.on_sendable();
}

void ServerCodec::on_ping_answered() {
  if (!draining_) return;
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_.get()),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  events_.on_sendable();
}

bool ServerCodec::finished() const {
  return dead_ || (nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0);
}

void ServerCodec::end_of_input() {
  if (dead_) return;
  dead_ = true;
  end_exchanges(kLost.id);
}

void ServerCodec::fail_with(const Error& why) {
  if (dead_ || failed_ != nullptr) return;
  failed_ = &why.kind();
  end_exchanges(why.kind().id);
  nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
}

}  // namespace sally::http2
