#include "net/connect.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "os/os_error.h"

namespace sally {
namespace {

const ErrorKind& kind_of(int error_number) {
  switch (error_number) {
    case ECONNREFUSED:
      return kConnectRefused;
    case ETIMEDOUT:
      return kConnectTimeout;
    case ECONNRESET:
      return kConnectReset;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case EADDRNOTAVAIL:
      return kUnreachable;
    default:
      return kConnectFailed;
  }
}

}  // namespace

Connect::~Connect() {
  if (watched_) loop_.unwatch(fd_.get(), *this);
}

bool Connect::await_ready() {
  fd_ = Fd(::socket(to_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) {
    error_number_ = errno;
    return true;
  }
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a unix socket has none
  if (::connect(fd_.get(), to_.get(), to_.length()) == 0) return true;
  error_number_ = errno;
  if (error_number_ != EINPROGRESS) return true;
  if (!loop_.watch(fd_.get(), *this)) return true;
  watched_ = true;
  error_number_ = 0;
  if (by_ != kNever) loop_.arm(*this, by_);
  return false;
}

void Connect::on_events(std::uint32_t) {
  int why = 0;
  socklen_t size = sizeof why;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &why, &size) != 0) why = errno;
  finish(why);
}

void Connect::on_timer() {
  timed_out_ = true;
  finish(ETIMEDOUT);
}

void Connect::finish(int error_number) {
  error_number_ = error_number;
  loop_.unwatch(fd_.get(), *this);
  watched_ = false;
  loop_.disarm(*this);
  std::exchange(waiter_, {}).resume();
}

Result<Fd> Connect::await_resume() {
  if (error_number_ == 0) return std::move(fd_);
  return fail(kind_of(error_number_),
              to_.text() + ": " + (timed_out_ ? "no answer in time" : errno_text(error_number_)));
}

}  // namespace sally
