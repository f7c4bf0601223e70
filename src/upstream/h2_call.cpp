#include "upstream/h2_call.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <string>
#include <utility>

#include "upstream/errors.h"
#include "upstream/h2_connection.h"

namespace sally::upstream {
namespace {

constexpr std::size_t kFirstWindow = 65'535;  ///< until the backend has heard of ours (RFC 9113 6.9.2)

}  // namespace

H2Call::H2Call(H2Connection& connection, const Terms& terms)
    : ClientStream({std::max(terms.buffer_bytes, kFirstWindow), 2 * terms.buffer_bytes}),
      connection_(connection),
      terms_(terms) {}

H2Call::~H2Call() { connection_.codec().detach(*this); }

void H2Call::begin(CallUser& user, Arena& memory, http::Fields& fields, http::Fields& trailers) {
  user_ = &user;
  memory_ = &memory;
  fields_ = &fields;
  trailers_ = &trailers;
  reused_ = connection_.calls() > 1;
}

void H2Call::start(const RequestHead& head) {
  has_body_ = head.has_body;
  RequestHead mine = head;
  mine.scheme = connection_.secure() ? "https" : "http";
  connection_.scratch().fields.start(mine);
}

void H2Call::field(std::string_view name, std::string_view value) {
  connection_.scratch().fields.field(name, value);
}

void H2Call::send_head() {
  auto sent = connection_.codec().submit(*this, connection_.scratch().fields.all(), has_body_);
  if (!sent) {  // told from the loop, not from in here
    closed_ = true;
    failed_.emplace(connection_.error(kClosedEarly).because(std::move(sent).error()));
    return wait_until(connection_.loop().now());
  }
  connection_.send_soon();
  set_timer();
}

void H2Call::send_body(Bytes bytes) {
  if (closed_) return;
  if (!body_.append(bytes)) return;
  connection_.codec().resume(*this);
  connection_.send_soon();
  set_timer();
}

void H2Call::end_body(const http::Fields& trailers) {
  body_trailers_ = &trailers;
  body_ended_ = true;
  connection_.codec().resume(*this);
  connection_.send_soon();
  set_timer();
}

std::size_t H2Call::room() const {
  return closed_ ? terms_.buffer_bytes : terms_.buffer_bytes - std::min(terms_.buffer_bytes, body_.size());
}

void H2Call::on_sent() {
  set_timer();
  if (user_ != nullptr && room() > terms_.buffer_bytes / 2) user_->on_room();
}

// --- the answer

void H2Call::on_interim(int status) {
  untouched_ = false;
  if (user_ != nullptr) user_->on_head({status, std::nullopt});
}

void H2Call::on_final(int status, std::optional<std::uint64_t> content_length) {
  untouched_ = false;
  headed_ = true;
  wait_until(kNever);
  set_timer();
  if (user_ != nullptr) user_->on_head({status, content_length});
}

void H2Call::on_input() {
  if (!std::exchange(starved_, false)) return;
  set_timer();
  user_->on_content();
}

void H2Call::on_reset(std::uint32_t code, bool by_peer) {
  const char* const name = nghttp2_http2_strerror(code);
  break_off(by_peer ? connection_.error(kClosedEarly, std::string("the stream was reset: ") + name)
                    : connection_.error(kBadAnswer, name));
}

void H2Call::break_off(Error why) {
  closed_ = true;
  if (user_ == nullptr || whole_) return;
  if (!headed_) {
    wait_until(kNever);
    return user_->on_broken(std::move(why));
  }
  if (!failed_) failed_.emplace(std::move(why));
  if (std::exchange(starved_, false)) return user_->on_content();
  user_->on_room();  // who waits to send has to hear of it
}

std::optional<Bytes> H2Call::take_whole() {
  if (!whole_ || !trailers_->empty()) return std::nullopt;  // a stated length leaves no place for trailers
  const Bytes all = as_bytes(memory_->copy(as_text(content_.readable())));
  consume(content_.size());
  return all;
}

Result<http::BodyView> H2Call::view(std::size_t want) {
  if (!content_.empty() || whole_) {
    const std::size_t n = std::min(want, content_.size());
    return http::BodyView{content_.readable().first(n), whole_ && n == content_.size()};
  }
  if (failed_)
    return std::unexpected(
        Error(failed_->kind(), failed_->pos(), std::string(failed_->detail()), failed_->raised()));
  starved_ = true;
  content_.release_if_empty();
  set_timer();
  return http::BodyView{};
}

void H2Call::consume(std::size_t n) {
  content_.consume(n);
  connection_.codec().consumed(*this, n);
  if (!whole_ && connection_.codec().wants_to_send()) connection_.send_soon();
}

void H2Call::give_back() {
  user_ = nullptr;
  connection_.codec().detach(*this);
  connection_.give_back(*this);
}

// --- timers

void H2Call::set_timer() {
  const TimePoint now = connection_.loop().now();
  if (!body_.empty() && !closed_) return wait_until(now + terms_.send_timeout);
  if (!headed_) return wait_until(body_ended_ ? now + terms_.answer_timeout : kNever);
  wait_until(starved_ ? now + terms_.idle_timeout : kNever);
}

/// Deadlines mostly move forward: the timer stays where it is and looks again when it fires.
void H2Call::wait_until(TimePoint at) {
  deadline_ = at;
  if (at >= armed_at_) return;
  armed_at_ = at;
  connection_.loop().arm(*this, at);
}

void H2Call::on_timer() {
  armed_at_ = kNever;
  if (deadline_ == kNever || user_ == nullptr) return;
  if (failed_ && !headed_) return user_->on_broken(*std::move(failed_));
  if (deadline_ > connection_.loop().now()) return wait_until(deadline_);
  deadline_ = kNever;
  connection_.suspect();
  const ErrorKind& kind = !body_.empty() ? kSendSlow : !headed_ ? kAnswerSlow : kContentSlow;
  if (!headed_) return user_->on_broken(connection_.error(kind));
  failed_.emplace(connection_.error(kind));
  if (std::exchange(starved_, false)) user_->on_content();
}

}  // namespace sally::upstream
