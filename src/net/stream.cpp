#include "net/stream.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sally {

Stream::~Stream() {
  if (watched_) loop_.unwatch(fd_.get(), *this);
}

Result<> Stream::start() {
  TRY_VOID(loop_.watch(fd_.get(), *this));
  watched_ = true;
  return {};
}

Fd Stream::release() {
  if (std::exchange(watched_, false)) loop_.unwatch(fd_.get(), *this);
  return std::move(fd_);
}

Result<std::optional<std::size_t>> Stream::read_now(std::span<std::byte> room) {
  const ssize_t n = ::recv(fd_.get(), room.data(), room.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    readable_ = false;
    return std::nullopt;
  }
  if (n < 0) return fail(kSocket, std::string("recv: ") + std::strerror(errno));
  // A short read has emptied the socket, and new bytes make a new edge. The end of the stream makes none if
  // it was told together with these bytes, so then the next read must ask.
  if (static_cast<std::size_t>(n) < room.size() && !hung_up_) readable_ = false;
  return static_cast<std::size_t>(n);
}

Result<std::size_t> Stream::write_now(Bytes bytes) {
  const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    writable_ = false;
    return std::size_t{0};
  }
  if (n < 0) return fail(kSocket, std::string("send: ") + std::strerror(errno));
  if (static_cast<std::size_t>(n) < bytes.size()) writable_ = false;
  return static_cast<std::size_t>(n);
}

void Stream::shutdown_write() { ::shutdown(fd_.get(), SHUT_WR); }

void Stream::wake() {
  woken_ = true;
  loop_.defer(*this);
}

void Stream::on_events(std::uint32_t events) {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) hung_up_ = true;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) writable_ = true;
  if (state(wanted_) != 0) resume();
}

void Stream::on_turn_end() {
  if (state(wanted_) != 0) resume();
}

void Stream::on_timer() {
  armed_at_ = kNever;
  if (deadline_ == kNever || !waiter_) return;
  if (deadline_ > loop_.now()) {
    armed_at_ = deadline_;
    loop_.arm(*this, deadline_);
    return;
  }
  timed_out_ = true;
  resume();
}

std::uint8_t Stream::state(std::uint8_t wanted) const {
  return static_cast<std::uint8_t>((readable_ ? kReadable & wanted : 0) |
                                   (writable_ ? kWritable & wanted : 0) | (woken_ ? kWoken : 0) |
                                   (timed_out_ ? kTimedOut : 0));
}

std::uint8_t Stream::take_state(std::uint8_t wanted) {
  const std::uint8_t why = state(wanted);
  woken_ = timed_out_ = false;
  wanted_ = 0;
  deadline_ = kNever;
  return why;
}

void Stream::suspend(std::coroutine_handle<> h, std::uint8_t wanted, Deadline by) {
  waiter_ = h;
  wanted_ = wanted;
  deadline_ = by;
  // Deadlines mostly move forward: the timer stays where it is and looks again when it fires.
  if (by < armed_at_) {
    armed_at_ = by;
    loop_.arm(*this, by);
  }
}

void Stream::resume() {
  if (waiter_) std::exchange(waiter_, {}).resume();
}

}  // namespace sally
