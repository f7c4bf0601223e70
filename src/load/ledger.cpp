#include "load/ledger.h"

namespace sally::load {

std::optional<Asked> Ledger::take() {
  if (!returned_.empty()) {
    const TimePoint due = returned_.back();
    returned_.pop_back();
    ++open_;
    return Asked{due, now_};
  }
  if (is_over()) return std::nullopt;
  TimePoint due = now_;
  if (terms_.schedule) {
    if (terms_.schedule->due() >= terms_.end) return std::nullopt;
    const auto next = terms_.schedule->take(now_);
    if (!next) return std::nullopt;
    due = *next;
  }
  if (terms_.budget && counts(due)) --*terms_.budget;
  ++open_;
  return Asked{due, now_};
}

bool Ledger::is_over() const {
  return returned_.empty() && (now_ >= terms_.end || (terms_.budget && *terms_.budget == 0));
}

void Ledger::close() {
  terms_.end = std::min(terms_.end, now_);
  returned_.clear();
}

void Ledger::good() {
  ++good_;
  tally_.note_end(terms_.measured_from, now_);
}

void Ledger::answered(unsigned status, TimePoint due) {
  --open_;
  ++ended_;
  if (!counts(due)) return;
  ++tally_.answered;
  ++tally_.statuses[status < 600 ? status / 100 : 0];
  tally_.latency.record(now_ - due);
  if (status >= 200 && status < 400) return good();
  tally_.last_end = now_;
  tally_.fail(status < 500 ? Failure::status_4xx : Failure::status_5xx);
}

void Ledger::failed(Failure why, TimePoint due) {
  --open_;
  ++ended_;
  if (!counts(due)) return;
  tally_.fail(why);
  tally_.last_end = now_;
}

void Ledger::unprocessed(TimePoint due) {
  --open_;
  returned_.push_back(due);
}

void Ledger::took_body(std::size_t bytes) { tally_.body_bytes += now_ >= terms_.measured_from ? bytes : 0; }

void Ledger::shaken(TimePoint due) {
  --open_;
  ++ended_;
  if (!counts(due)) return;
  tally_.latency.record(now_ - due);
  good();
}

void Ledger::fail_next(Failure why) {
  if (const auto next = take()) failed(why, next->due);
}

void Ledger::settle() {
  if (terms_.schedule && terms_.end != TimePoint::max())
    tally_.unsent = terms_.schedule->left_before(terms_.end);
}

void Ledger::publish() {
  progress_.good.store(good_, std::memory_order_relaxed);
  progress_.failed.store(tally_.failed(), std::memory_order_relaxed);
}

}  // namespace sally::load
