#include "upstream/wire.h"

#include <sys/socket.h>

namespace sally::upstream {

std::ptrdiff_t Wire::read(std::span<std::byte> room) {
  return tls_ ? tls_->read(room) : ::recv(fd_.get(), room.data(), room.size(), 0);
}

std::ptrdiff_t Wire::write(Bytes bytes) {
  return tls_ ? tls_->write(bytes) : ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void Wire::end_sending() {
  if (tls_) tls_->close();
  ::shutdown(fd_.get(), SHUT_WR);
}

void Wire::close() {
  if (tls_ && fd_) tls_->close();
  tls_.reset();
  fd_ = Fd();
}

}  // namespace sally::upstream
