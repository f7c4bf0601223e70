#include "upstream/connection.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "os/os_error.h"
#include "upstream/errors.h"

namespace sally::upstream {
namespace {

constexpr std::size_t kFirstRead =
    4096;  ///< of a body that trickles; what comes fast is read in larger pieces
constexpr std::chrono::seconds kEarlier{1};  ///< before the backend's own timer closes a kept connection

}  // namespace

Connection::Connection(Loop& loop, Wire wire, ConnectionOwner& owner, std::string_view name,
                       const Terms& terms, const http::HttpLimits& limits, ConnectionScratch& scratch)
    : loop_(loop),
      wire_(std::move(wire)),
      owner_(owner),
      name_(name),
      terms_(terms),
      scratch_(scratch),
      codec_(limits),
      writer_(scratch.head),
      in_(std::max(limits.header_bytes, terms.buffer_bytes) + ConnectionScratch::kBytes),
      out_(2 * terms.buffer_bytes + limits.header_bytes + ConnectionScratch::kBytes) {}

Connection::~Connection() { close(); }

Result<> Connection::start() {
  TRY_VOID(loop_.watch(wire_.fd(), *this));
  watched_ = true;
  return {};
}

void Connection::close() {
  user_ = nullptr;
  if (std::exchange(watched_, false)) loop_.unwatch(wire_.fd(), *this);
  wire_.close();
  phase_ = Phase::broken;
  deadline_ = kNever;
}

// --- the request

void Connection::begin(CallUser& user, Arena& memory, http::Fields& fields, http::Fields& trailers) {
  user_ = &user;
  memory_ = &memory;
  fields_ = &fields;
  trailers_ = &trailers;
  received_ = 0;
  ++requests_;
  content_ = 0;
  rest_ = {};
  failed_.reset();
  keeps_ = sent_ = starved_ = full_ = refuses_ = tunnel_ = end_due_ = end_sent_ = false;
  phase_ = Phase::head;
  wait_until(kNever);
  scratch_.head.clear();
}

void Connection::start(const RequestHead& head) {
  codec_.expect(head.method, !head.upgrade.empty());
  chunked_ = head.has_body && !head.content_length;
  body_at_once_ = head.has_body && !head.expects_continue;
  sent_ = !head.has_body;
  writer_.start(head);
}

void Connection::send_head() {
  writer_.end();
  if (body_at_once_) return send_later(as_bytes(scratch_.head));
  send(as_bytes(scratch_.head));
  if (sent_) set_timer();
}

void Connection::send_body(Bytes bytes) {
  if (!chunked_) return send_later(bytes);
  char line[http1::kChunkLine];
  send_later(as_bytes(std::string_view(line, http1::write_chunk_line(bytes.size(), line))));
  send_later(bytes);
  send_later(as_bytes("\r\n"));
}

void Connection::end_body(const http::Fields& trailers) {
  if (tunnel_) {
    end_due_ = true;
    return loop_.defer(*this);
  }
  if (chunked_) {
    std::string end;
    http1::write_last_chunk(trailers, end);
    send_later(as_bytes(end));
  }
  sent_ = true;
  set_timer();
}

/// Now, as far as the kernel takes it.
void Connection::send(Bytes bytes) {
  if (refuses_) return;
  if (out_.empty() && writable_) {
    const ssize_t n = wire_.write(bytes);
    if (n >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(n));
      writable_ = bytes.empty();
    } else if (errno == EAGAIN || errno == EINTR) {
      writable_ = false;
    } else {
      refuses_ = true;  // reading tells why, and may still bring an answer
      return;
    }
  }
  if (!bytes.empty() && !out_.append(bytes)) refuses_ = true;
  set_timer();
}

void Connection::send_later(Bytes bytes) {
  if (refuses_) return;
  if (!out_.append(bytes)) refuses_ = true;
  loop_.defer(*this);
}

std::size_t Connection::room() const {
  return refuses_ ? terms_.buffer_bytes : terms_.buffer_bytes - std::min(terms_.buffer_bytes, out_.size());
}

void Connection::send_end() {
  if (!end_due_ || !out_.empty() || refuses_) return;
  end_due_ = false;
  end_sent_ = true;
  if (starved_) wait_until(loop_.now() + terms_.idle_timeout);
  wire_.end_sending();
}

void Connection::flush() {
  if (phase_ == Phase::broken || phase_ == Phase::kept) return;
  const std::size_t before = out_.size();
  while (!out_.empty() && writable_ && !refuses_) {
    const Bytes bytes = out_.readable();
    const ssize_t n = wire_.write(bytes);
    if (n >= 0) {
      out_.consume(static_cast<std::size_t>(n));
      writable_ = static_cast<std::size_t>(n) == bytes.size();
    } else if (errno == EAGAIN || errno == EINTR) {
      writable_ = false;
    } else {
      refuses_ = true;
    }
  }
  if (refuses_) out_.consume(out_.size());
  out_.release_if_empty();
  send_end();
  if (out_.size() != before || out_.empty()) set_timer();
  if (user_ != nullptr && room() > terms_.buffer_bytes / 2) user_->on_room();
}

// --- what the loop tells

void Connection::on_events(std::uint32_t events) {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) hung_up_ = true;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
    writable_ = true;
    if (!out_.empty()) flush();
  }
  if (!readable_) return;
  switch (phase_) {
    case Phase::kept:
      return kept_readable();
    case Phase::head:
      return read_head();
    case Phase::content:
      if (!std::exchange(starved_, false)) return;
      if (out_.empty()) deadline_ = kNever;
      return user_->on_content();
    case Phase::over:
    case Phase::broken:
      return;
  }
}

/// Whatever comes now, an end or bytes that nobody asked for, ends the connection; a readiness that was told
/// late does not.
void Connection::kept_readable() {
  if (read_now(scratch_.bytes)) owner_.kept_ended(*this);
}

/// nullopt: nothing there. 0: the end, or error_number_ says what happened.
std::optional<std::size_t> Connection::read_now(std::span<std::byte> room) {
  error_number_ = 0;
  const ssize_t n = wire_.read(room);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    readable_ = false;
    return std::nullopt;
  }
  if (n < 0) error_number_ = errno;
  // What comes after a short read is told anew; an end that was told already is not.
  if (n > 0 && static_cast<std::size_t>(n) < room.size() && !hung_up_ && !wire_.ended()) readable_ = false;
  return n < 0 ? std::size_t{0} : static_cast<std::size_t>(n);
}

void Connection::read_head() {
  while (phase_ == Phase::head && readable_) {
    const auto n = read_now(scratch_.bytes);
    if (!n) return;
    if (*n == 0) {
      const std::string what = error_number_ != 0 ? errno_text(error_number_) : "end of stream";
      return fail_head(error(kClosedEarly, received_ == 0 ? what : what + " inside the head"));
    }
    received_ += *n;
    parse(Bytes(scratch_.bytes, *n));
  }
}

void Connection::parse(Bytes fresh) {
  const bool held = !in_.empty();
  if (held && !in_.append(fresh)) return fail_head(error(kBadAnswer, "its head is too large"));
  Bytes have = held ? in_.readable() : fresh;
  while (phase_ == Phase::head && !have.empty()) {
    auto head = codec_.read_head(as_text(have), *memory_, *fields_);
    if (!head) return fail_head(error(kBadAnswer).because(std::move(head).error()));
    if (!*head) break;
    have = have.subspan((*head)->size);
    if (held) in_.consume((*head)->size);
    if ((*head)->status >= 200 || (*head)->end == http1::AnswerEnd::tunnel) {
      tunnel_ = (*head)->end == http1::AnswerEnd::tunnel;
      phase_ = (*head)->end == http1::AnswerEnd::at_once ? Phase::over : Phase::content;
      keeps_ = (*head)->keeps && !tunnel_;
      keep_for_ = (*head)->keep_for;
      wait_until(kNever);
      rest_ = have;
    }
    user_->on_head({(*head)->status, (*head)->content_length});
    if (user_ == nullptr) return;
    if (phase_ != Phase::head) have = std::exchange(rest_, {});
  }
  if (phase_ == Phase::head && sent_) set_timer();
  if (held || have.empty() || user_ == nullptr) return;
  if (auto kept = in_.append(have); !kept) fail_head(error(kBadAnswer).because(std::move(kept).error()));
}

Error Connection::error(const ErrorKind& kind, std::string_view detail, std::source_location raised) const {
  std::string text(name_);
  if (!detail.empty()) text.append(": ").append(detail);
  return Error(kind, WirePos{}, std::move(text), raised);
}

void Connection::fail_head(Error why) {
  CallUser* const user = user_;
  close();
  if (user != nullptr) user->on_broken(std::move(why));
}

// --- the answer's content

std::optional<Bytes> Connection::take_whole() {
  if (phase_ == Phase::over) return rest_.empty() ? std::optional(Bytes()) : std::nullopt;
  const auto whole = codec_.whole_content(rest_, *memory_);
  if (!whole) return std::nullopt;
  in_.consume(in_.size());
  in_.release_if_empty();
  rest_ = {};
  phase_ = Phase::over;
  return whole;
}

Result<http::BodyView> Connection::view(std::size_t want) {
  for (;;) {
    if (content_ != 0) {
      const std::size_t n = std::min(want, content_);
      return http::BodyView{in_.readable().first(n), phase_ == Phase::over && n == content_};
    }
    if (phase_ == Phase::over) return http::BodyView{{}, true};
    if (failed_)
      return std::unexpected(
          Error(failed_->kind(), failed_->pos(), std::string(failed_->detail()), failed_->raised()));
    auto more = more_content();
    if (!more) {
      deadline_ = kNever;
      failed_.emplace(Error(more.error().kind(), more.error().pos(), std::string(more.error().detail()),
                            more.error().raised()));
      return std::unexpected(std::move(more).error());
    }
    if (*more) continue;
    in_.release_if_empty();
    starved_ = true;
    if (!tunnel_ || end_sent_) wait_until(loop_.now() + terms_.idle_timeout);
    return http::BodyView{};
  }
}

/// False: nothing is there.
Result<bool> Connection::more_content() {
  if (in_.empty()) {
    if (!readable_) return false;
    TRY(const auto space,
        in_.prepare(std::min(full_ ? terms_.buffer_bytes : kFirstRead, terms_.buffer_bytes)));
    const std::span<std::byte> room = space.first(std::min(space.size(), terms_.buffer_bytes));
    const auto n = read_now(room);
    if (!n) return false;
    if (*n == 0 && error_number_ != 0 && tunnel_)
      return std::unexpected(error(kTunnelBroken, errno_text(error_number_)));
    if (*n == 0 && error_number_ != 0)
      return std::unexpected(error(kClosedEarly, errno_text(error_number_) + " inside the body"));
    if (*n == 0) {
      if (auto end = codec_.end_of_input(); !end)
        return std::unexpected(error(kClosedEarly, "inside the body").because(std::move(end).error()));
      phase_ = Phase::over;
      return true;
    }
    received_ += *n;
    full_ = *n == room.size();
    in_.commit(*n);
  }
  auto piece = codec_.read_content(in_.readable());
  if (!piece) return std::unexpected(error(kBadAnswer).because(std::move(piece).error()));
  in_.consume(piece->used - piece->content.size());
  content_ = piece->content.size();
  if (!piece->whole) return true;
  phase_ = Phase::over;
  if (auto read = codec_.read_trailers(*memory_, *trailers_); !read)
    return std::unexpected(error(kBadAnswer).because(std::move(read).error()));
  return true;
}

void Connection::consume(std::size_t n) {
  in_.consume(n);
  content_ -= n;
}

// --- being kept

bool Connection::reusable() const {
  return over() && keeps_ && sent_ && !refuses_ && out_.empty() && in_.empty() && rest_.empty();
}

bool Connection::keep() {
  user_ = nullptr;
  phase_ = Phase::kept;
  kept_since_ = loop_.now();
  std::chrono::milliseconds longest = terms_.keep_timeout;
  if (keep_for_ > kEarlier) longest = std::min<std::chrono::milliseconds>(longest, keep_for_ - kEarlier);
  wait_until(loop_.now() + longest);
  in_.release_if_empty();
  out_.release_if_empty();
  return keep_for_.count() == 0 || keep_for_ > kEarlier;
}

// --- timers

void Connection::set_timer() {
  if ((phase_ != Phase::head && phase_ != Phase::content) || tunnel_) return;
  if (!out_.empty()) return wait_until(loop_.now() + terms_.send_timeout);
  if (phase_ == Phase::head) wait_until(sent_ ? loop_.now() + terms_.answer_timeout : kNever);
}

/// Deadlines mostly move forward: the timer stays where it is and looks again when it fires.
void Connection::wait_until(TimePoint at) {
  deadline_ = at;
  if (at >= armed_at_) return;
  armed_at_ = at;
  loop_.arm(*this, at);
}

void Connection::on_timer() {
  armed_at_ = kNever;
  if (deadline_ == kNever) return;
  if (deadline_ > loop_.now()) return wait_until(deadline_);
  deadline_ = kNever;
  if (phase_ == Phase::kept) return owner_.kept_ended(*this);
  const bool unsent = !out_.empty();
  if (phase_ == Phase::head) return fail_head(error(unsent ? kSendSlow : kAnswerSlow));
  if (phase_ != Phase::content || (!unsent && !starved_)) return;
  failed_.emplace(error(unsent ? kSendSlow : kContentSlow));
  if (std::exchange(starved_, false)) user_->on_content();
}

}  // namespace sally::upstream
