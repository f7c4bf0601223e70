#include "load/link.h"

#include <utility>

namespace sally::load {

bool Link::begin_attempt() {
  if (ledger_.is_over()) return false;
  if (plan_.counts_handshakes()) {
    taken_ = ledger_.take();
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

std::size_t Link::next_url() {
  const std::size_t url = next_url_;
  next_url_ = url + 1 < origin_.text.urls() ? url + 1 : 0;
  return url;
}

}  // namespace sally::load
