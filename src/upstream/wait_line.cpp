#include "upstream/wait_line.h"

namespace sally::upstream {

void Waiting::leave() {
  if (next_ == nullptr) return;
  next_->previous_ = previous_;
  previous_->next_ = next_;
  next_ = previous_ = nullptr;
  if (count_ != nullptr) --*count_;
  count_ = nullptr;
}

WaitLine::WaitLine() { head_.next_ = head_.previous_ = &head_; }

WaitLine::~WaitLine() {
  while (head_.next_ != &head_) head_.next_->leave();
}

void WaitLine::join(Waiting& who, TimePoint until) {
  who.next_ = &head_;
  who.previous_ = head_.previous_;
  head_.previous_->next_ = &who;
  head_.previous_ = &who;
  who.count_ = &count_;
  who.until_ = until;
  ++count_;
}

void WaitLine::move(TimePoint now) {
  while (head_.next_ != &head_) {
    Waiting& first = *head_.next_;
    if (first.until_ <= now) {
      first.leave();
      first.on_too_long();
    } else if (!first.on_turn()) {
      return;
    }
  }
}

}  // namespace sally::upstream
