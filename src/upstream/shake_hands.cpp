#include "upstream/shake_hands.h"

#include <utility>

#include "net/connect.h"

namespace sally::upstream {

ShakeHands::ShakeHands(Loop& loop, Fd socket, std::shared_ptr<tls::ClientRules> rules, bool only_http1,
                       Deadline by)
    : loop_(loop),
      fd_(std::move(socket)),
      by_(by),
      socket_(tls::ClientSocket::make(std::move(rules), fd_.get(), only_http1)) {}

ShakeHands::~ShakeHands() {
  if (watched_) loop_.unwatch(fd_.get(), *this);
}

bool ShakeHands::await_ready() {
  if (!socket_) return true;
  if (auto watched = loop_.watch(fd_.get(), *this); !watched) {
    failed_.emplace(std::move(watched).error());
    return true;
  }
  watched_ = true;
  if (step()) return true;
  if (by_ != kNever) loop_.arm(*this, by_);
  return false;
}

/// True: there is nothing more to wait for.
bool ShakeHands::step() {
  auto done = socket_->handshake();
  if (!done) failed_.emplace(std::move(done).error());
  return failed_ || *done == tls::ClientSocket::Step::done;
}

void ShakeHands::on_events(std::uint32_t) {
  if (waiter_ && step()) std::exchange(waiter_, {}).resume();
}

void ShakeHands::on_timer() {
  failed_.emplace(kConnectTimeout, WirePos{}, "TLS handshake", std::source_location::current());
  if (waiter_) std::exchange(waiter_, {}).resume();
}

Result<Wire> ShakeHands::await_resume() {
  if (std::exchange(watched_, false)) loop_.unwatch(fd_.get(), *this);
  if (!socket_) return std::unexpected(std::move(socket_).error());
  if (failed_) return std::unexpected(*std::move(failed_));
  return Wire(std::move(fd_), *std::move(socket_));
}

}  // namespace sally::upstream
