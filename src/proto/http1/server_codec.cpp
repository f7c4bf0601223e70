#include "proto/http1/server_codec.h"

#include <algorithm>
#include <cstring>

#include "http/octets.h"

namespace sally::http1 {
namespace {

Error copy_of(const Error& e) { return Error(e.kind(), e.pos(), std::string(e.detail()), e.raised()); }

}  // namespace

class ServerCodec::Inside {
 public:
  explicit Inside(ServerCodec& codec) : codec_(codec) { codec_.inside_ = true; }
  ~Inside() { codec_.inside_ = false; }

 private:
  ServerCodec& codec_;
};

ServerCodec::ServerCodec(http::ExchangePool& pool, const http::HttpLimits& limits, CodecEvents& events,
                         const http::ConnectionFacts& facts, const http::Stamp& stamp)
    : pool_(pool),
      limits_(limits),
      events_(events),
      facts_(facts),
      stamp_(stamp),
      head_(limits.header_bytes),
      body_(limits) {}

ServerCodec::~ServerCodec() {
  if (x_) pool_.give(std::move(x_));
}

// --- requests in

Result<std::size_t> ServerCodec::receive(Bytes plain) {
  const Inside inside(*this);
  stalled_ = false;
  std::size_t used = 0;
  while (used < plain.size()) {
    const Bytes rest = plain.subspan(used);
    std::size_t n = 0;
    switch (input_) {
      case Input::head: {
        TRY(n, take_head(rest));
        break;
      }
      case Input::body: {
        TRY(n, take_body(rest));
        break;
      }
      case Input::skipping: {
        TRY(n, skip_body(rest));
        break;
      }
      case Input::tunnel: {
        TRY(n, take_tunnel(rest));
        break;
      }
      case Input::answering:
        return used;
      case Input::over:
        return plain.size();
    }
    if (n == 0) break;
    used += n;
  }
  stalled_ = used < plain.size() && (input_ == Input::body || input_ == Input::tunnel);
  return used;
}

Result<std::size_t> ServerCodec::take_head(Bytes in) {
  const std::size_t held = head_.size();
  std::string_view text = as_text(in);
  if (held != 0) {
    TRY_VOID(head_.append(in.first(std::min(in.size(), limits_.header_bytes - held))));
    text = as_text(head_.readable());
  }
  std::size_t end = 0;
  if (text.front() == '\r' && !line_end_taken_) {
    if (text.size() > 1) return take_line_end(text, held);
  } else {
    end = scan_.end_of(text);
    if (auto fits = check_size(text, end); !fits) return refuse(std::move(fits).error());
  }
  if (end == 0) {
    if (held != 0) return head_.size() - held;
    TRY_VOID(head_.append(in));
    return in.size();
  }
  TRY_VOID(open_exchange(text.substr(0, end)));
  return end - held;
}

/// RFC 9112 2.2: a server SHOULD ignore at least one empty line before the request line; more is padding.
Result<std::size_t> ServerCodec::take_line_end(std::string_view text, std::size_t held) {
  if (text[1] != '\n') return refuse(Error(kBareCr, WirePos{offset_}, {}, std::source_location::current()));
  line_end_taken_ = true;
  offset_ += 2;
  head_.consume(head_.size());
  head_.release_if_empty();
  return 2 - held;
}

/// Also what can be told from a head's beginning: waiting for its end would only hold memory.
Result<> ServerCodec::check_size(std::string_view text, std::size_t end) const {
  const WirePos at{offset_, -1, "request-line"};
  if (text.front() == '\n') return fail(kBareLf, at);
  if (http::lower_token(text.front()) == 0) return fail(kBadRequestLine, at);
  const std::size_t line_limit = std::min(limits_.request_line_bytes, limits_.header_bytes);
  const std::size_t line = scan_.first_line();
  if (line > line_limit || (line == 0 && text.size() >= line_limit))
    return fail(kLineTooLong, at, "limit is " + std::to_string(line_limit) + " bytes");
  if (end > limits_.header_bytes || (end == 0 && text.size() >= limits_.header_bytes))
    return fail(kHeadTooLarge, WirePos{offset_},
                "limit is " + std::to_string(limits_.header_bytes) + " bytes");
  return {};
}

Result<> ServerCodec::open_exchange(std::string_view head) {
  x_ = pool_.take();
  http::Exchange& x = *x_;
  x.owned_by(*this);
  x.facts = &facts_;
  x.began = stamp_.now;
  auto* const text = reinterpret_cast<char*>(x.arena.take(head.size(), 1));
  std::memcpy(text, head.data(), head.size());
  const std::size_t size = head.size();
  head_.consume(head_.size());
  head_.release_if_empty();
  scan_.reset();
  line_end_taken_ = false;

  auto facts = parse_head({text, size}, offset_, limits_, facts_.secure, x.request);
  offset_ += size;
  if (!facts) return refuse(std::move(facts).error());
  ++requests_;
  // RFC 9112 9.3, 9.6. After CONNECT what follows would be a tunnel's, never a request.
  const bool persists = x.request.version == http::Version::http1_1 || facts->keep_alive;
  close_ = draining_ || facts->close || !persists || x.request.method == http::Method::connect ||
           requests_ == limits_.requests_per_connection;
  continue_due_ = x.request.expects_continue;
  continue_wanted_ = false;
  if (!x.request.has_body) {
    x.request_body.finish();
    input_ = Input::answering;
    events_.on_request(x);
    return {};
  }
  x.request_body.open(*this);
  x.request_body.limit_total(limits_.body_bytes);
  body_.begin(facts->chunked ? std::nullopt : x.request.content_length);
  input_ = Input::body;
  events_.on_request(x);
  const std::uint64_t most = x.request_body.total_limit();
  if (most != 0 && body_.left() > most)
    x.request_body.break_with(Error(http::kBodyTooLarge, WirePos{offset_},
                                    "limit is " + std::to_string(most) + " bytes",
                                    std::source_location::current()));
  return {};
}

Result<std::size_t> ServerCodec::take_body(Bytes in) {
  // RFC 9110 10.1.1: a client that sends its content does not wait for a 100.
  continue_due_ = continue_wanted_ = false;
  http::BodyPipe& pipe = x_->request_body;
  const std::size_t room = pipe.room();
  if (room == 0) return 0;
  auto piece = body_.read(in, room, offset_);
  if (!piece) return refuse(std::move(piece).error());
  offset_ += piece->used;
  if (!piece->content.empty())
    if (auto pushed = pipe.push(piece->content); !pushed) return refuse(std::move(pushed).error());
  if (!piece->whole) return piece->used;
  if (auto read = body_.read_trailers(x_->arena, offset_, pipe.trailers); !read)
    return refuse(std::move(read).error());
  body_.end();
  input_ = Input::answering;
  pipe.finish();
  return piece->used;
}

Result<std::size_t> ServerCodec::skip_body(Bytes in) {
  auto piece = body_.read(in, in.size(), offset_);
  if (!piece) return refuse(std::move(piece).error());
  offset_ += piece->used;
  skipped_ += piece->used;
  if (piece->whole) {
    body_.end();
    input_ = Input::head;
  } else if (skipped_ > limits_.unread_body_bytes) {
    input_ = Input::over;
  }
  return piece->used;
}

Result<std::size_t> ServerCodec::take_tunnel(Bytes in) {
  http::BodyPipe& pipe = x_->request_body;
  const std::size_t n = std::min(in.size(), pipe.room());
  if (n == 0) return 0;
  offset_ += n;
  TRY_VOID(pipe.push(in.first(n)));
  return n;
}

// --- answers out

Result<bool> ServerCodec::produce(ByteSink& out) {
  const Inside inside(*this);
  starved_ = false;
  if (broken_ && x_) {
    const Error why = copy_of(*broken_);
    end_with(why);
  }
  if (broken_) return std::unexpected(copy_of(*broken_));
  blocked_ = !answer_.flush(out);
  if (blocked_ || !x_) return blocked_;
  if (!answer_.begun()) {
    send_interims(out);
    if (!x_->responded()) return blocked_ = answer_.waits();
    if (auto begun = begin_answer(out); !begun) {
      end_with(begun.error());
      return blocked_ = !answer_.flush(out);
    }
  }
  auto step = answer_.write(*x_, out);
  if (!step) {
    end_with(step.error());
    return std::unexpected(copy_of(*broken_));
  }
  blocked_ = *step == AnswerWriter::Step::full;
  starved_ = *step == AnswerWriter::Step::starved;
  if (*step == AnswerWriter::Step::done) {
    close_ |= answer_.closes();
    finish_exchange();
  }
  if (starved_ && waits_in_vain()) {
    end_with(Error(kClientGone, WirePos{offset_}, {}, std::source_location::current()));
    return std::unexpected(copy_of(*broken_));
  }
  return blocked_;
}

void ServerCodec::send_interims(ByteSink& out) {
  // RFC 9110 15.2: no 1xx to HTTP/1.0.
  const bool allowed = x_->request.version == http::Version::http1_1;
  if (x_->interim && allowed) {
    HeadText text;
    if (write_interim(x_->interim->status, x_->interim->fields, text)) answer_.say(text.text(), out);
  }
  x_->interim.reset();
  // RFC 9110 10.1.1: none if the final answer is known already, or if the content is not wanted.
  if (continue_wanted_ && !x_->responded() && !x_->request_body.discarding()) {
    answer_.say("HTTP/1.1 100 Continue\r\n\r\n", out);
    continue_due_ = false;
  }
  continue_wanted_ = false;
}

Result<> ServerCodec::begin_answer(ByteSink& out) {
  return answer_.begin(*x_, stamp_, close_ || draining_ || input_ended_ || too_much_unread(), out);
}

/// Content of the request that is still to come and that nobody reads: more than is worth skipping, or a
/// client that was told to hold it back and now cannot know (RFC 9110 10.1.1).
bool ServerCodec::too_much_unread() const {
  if (input_ != Input::body) return false;
  if (continue_due_) return true;
  const http::BodyPipe& pipe = x_->request_body;
  if (pipe.awaited()) return false;
  return body_.left() > limits_.unread_body_bytes ||
         (body_.chunked() && pipe.discarding() && !pipe.finished());
}

void ServerCodec::finish_exchange() {
  answer_.end();
  events_.on_finished(*x_);
  pool_.give(std::move(x_));
  skipped_ = 0;
  if (close_ || draining_ || input_ended_)
    input_ = Input::over;
  else
    input_ = input_ == Input::body ? Input::skipping : Input::head;
}

// --- what exchanges and bodies tell

void ServerCodec::tell_sendable() {
  if (!inside_) events_.on_sendable();
}

void ServerCodec::response_ready(http::Exchange& x) {
  if (x.tunnel()) {
    x.request_body.recycle();  // it had ended with the head
    x.request_body.open(*this);
    input_ = Input::tunnel;
    close_ = true;
    if (input_ended_) x.request_body.finish();
  }
  tell_sendable();
}
void ServerCodec::body_ready(http::Exchange&) {
  if (starved_) tell_sendable();
}
void ServerCodec::interim_ready(http::Exchange&) { tell_sendable(); }

void ServerCodec::abort(http::Exchange&, Error why) {
  if (!broken_) broken_.emplace(std::move(why));
  tell_sendable();
}

void ServerCodec::taken(http::BodyPipe&, std::size_t) {
  if (std::exchange(stalled_, false)) tell_sendable();
}

void ServerCodec::wanted(http::BodyPipe& pipe) {
  if (!continue_due_) return;
  const std::uint64_t most = pipe.total_limit();
  if (most != 0 && body_.left() > most) return;
  continue_wanted_ = true;
  tell_sendable();
}

}  // namespace sally::http1
