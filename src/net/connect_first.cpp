#include "net/connect_first.h"

#include <utility>

namespace sally {

std::vector<SocketAddress> in_turns(const std::vector<SocketAddress>& addresses) {
  std::vector<SocketAddress> first, second, out;
  for (const SocketAddress& a : addresses)
    (a.family() == addresses.front().family() ? first : second).push_back(a);
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) out.push_back(first[i]);
    if (i < second.size()) out.push_back(second[i]);
  }
  return out;
}

ConnectFirst::ConnectFirst(Loop& loop, const std::vector<SocketAddress>& addresses, Deadline by,
                           std::chrono::milliseconds stagger)
    : loop_(loop), addresses_(in_turns(addresses)), by_(by), stagger_(stagger) {
  attempts_.reserve(addresses_.size());
}

void ConnectFirst::await_suspend(std::coroutine_handle<> h) {
  waiter_ = h;
  start_next();
}

/// One attempt more, or the end if there is none left and none under way.
void ConnectFirst::start_next() {
  if (settled_) return;
  if (next_ == addresses_.size()) {
    if (open_ > 0) return;
    settled_ = true;
    loop_.defer(*this);
    return;
  }
  ++open_;
  attempts_.emplace_back(attempt(addresses_[next_++]));
  if (next_ < addresses_.size()) loop_.arm(*this, loop_.now() + stagger_);
  attempts_.back().start();
}

Task<Unit> ConnectFirst::attempt(SocketAddress to) {
  Result<Fd> socket = co_await Connect(loop_, to, by_);
  --open_;
  if (settled_) co_return Unit{};
  if (!socket) {
    outcome_ = std::unexpected(std::move(socket).error());
    start_next();
    co_return Unit{};
  }
  outcome_ = Connected{*std::move(socket), to};
  settled_ = true;
  loop_.disarm(*this);
  loop_.defer(*this);
  co_return Unit{};
}

/// Whoever waits destroys this, and with it the attempts, none of which runs now.
void ConnectFirst::on_turn_end() { std::exchange(waiter_, {}).resume(); }

}  // namespace sally
