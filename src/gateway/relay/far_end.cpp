#include "gateway/relay/far_end.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "os/os_error.h"

namespace sally::gateway {

void reset_when_closed(int fd) {
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

FarEnd::~FarEnd() {
  if (watched_) loop_.unwatch(wire_.fd(), *this);
}

void FarEnd::drop() {
  if (std::exchange(watched_, false)) loop_.unwatch(wire_.fd(), *this);
  wire_.close();
  writable_ = true;
  readable_ = hung_up_ = refuses_ = false;
}

Result<> FarEnd::start(upstream::Wire wire) {
  wire_ = std::move(wire);
  TRY_VOID(loop_.watch(wire_.fd(), *this));
  watched_ = true;
  readable_ = true;  // a handshake may have read more than its own
  return {};
}

Result<std::optional<std::size_t>> FarEnd::read_now(std::span<std::byte> room) {
  const auto n = wire_.read(room);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    readable_ = false;
    return std::nullopt;
  }
  if (n < 0) return fail(kSocket, "backend: " + errno_text(errno));
  // What comes after a short read is told anew; an end that was told already is not.
  if (n > 0 && static_cast<std::size_t>(n) < room.size() && !hung_up_ && !wire_.ended()) readable_ = false;
  return static_cast<std::size_t>(n);
}

std::size_t FarEnd::write_now(Bytes bytes) {
  const auto n = wire_.write(bytes);
  if (n >= 0) {
    writable_ = static_cast<std::size_t>(n) == bytes.size();
    return static_cast<std::size_t>(n);
  }
  writable_ = false;
  if (errno != EAGAIN && errno != EINTR) refuses_ = true;  // reading tells why, and may still bring an answer
  return 0;
}

void FarEnd::reset() {
  if (watched_) reset_when_closed(wire_.fd());
}

void FarEnd::on_events(std::uint32_t events) {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) hung_up_ = true;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) writable_ = true;
  waker_.wake();
}

}  // namespace sally::gateway
