#include "load/link.h"

#include <cerrno>
#include <utility>

namespace sally::load {

Failure failure_of(int error_number) {
  switch (error_number) {
    case ECONNREFUSED:
      return Failure::refused;
    case ETIMEDOUT:
      return Failure::connect_timeout;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
      return Failure::unreachable;
    case ECONNRESET:
    case EPIPE:
      return Failure::reset;
    default:
      return Failure::not_connected;
  }
}

bool Link::begin_attempt() {
  if (ledger_.is_over() && !taken_) return false;
  // No connection is made for nothing, and its making counts as a part of its first request.
  if (plan_.connects_when_due()) {
    if (!taken_) taken_ = ledger_.take();
    if (!taken_) {
      room_.wait_for_due(*this);
      return false;
    }
  }
  since_ = ledger_.now();
  ended_before_ = ledger_.ended();
  return true;
}

void Link::fail_attempt(Failure why) {
  if (const auto taken = std::exchange(taken_, std::nullopt)) ledger_.failed(why, taken->due);
  const bool in_vain = ledger_.ended() == ended_before_;
  if (in_vain) ledger_.fail_next(why);
}

void Link::keep_session() {
  if (plan_.handshakes != Handshakes::resumed) return;
  if (auto fresh = std::move(fresh_)) session_ = std::move(fresh);
}

crypto::Ssl Link::start_tls() {
  keep_session();
  auto ssl = tls_->start(session_.get(), fresh_);
  if (ssl) return *std::move(ssl);
  room_.give_up(std::move(ssl).error());
  return {};
}

void Link::note_handshake(const SSL& ssl) {
  const bool resumed = SSL_session_reused(&ssl) == 1;
  ++(resumed ? ledger_.tally().resumed : ledger_.tally().full);
  ledger_.set_now(Clock::now());
  ledger_.tally().handshake.record(ledger_.now() - since_);
  if (!room_.facts) room_.facts = facts_of(ssl);
}

void Link::book_handshake(bool resumed) {
  const Asked taken = *std::exchange(taken_, std::nullopt);
  const bool wants_resumed = plan_.handshakes == Handshakes::resumed;
  if (!wants_resumed || resumed) {
    ledger_.shaken(taken.due);
  } else if (session_) {
    ledger_.failed(Failure::not_resumed, taken.due);
    session_.reset();
  } else {
    ledger_.unprocessed(taken.due);  // a first one only fetches the ticket
  }
  since_ = ledger_.now();
}

std::optional<Asked> Link::next_request() {
  if (const auto first = std::exchange(taken_, std::nullopt)) return Asked{first->due, ledger_.now()};
  // As many are to be held as were asked for, so one that stands leaves what is due to those that do not.
  const bool leaves_it = plan_.hold.count() != 0 && room_.waits_to_connect();
  const auto next = leaves_it ? std::nullopt : ledger_.take();
  if (!next && !ledger_.is_over()) room_.wait_for_due(*this);
  return next;
}

std::size_t Link::next_url() {
  const std::size_t url = next_url_;
  next_url_ = url + 1 < origin_.text.urls() ? url + 1 : 0;
  return url;
}

}  // namespace sally::load
