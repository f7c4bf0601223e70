#include "net/listener.h"

#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>

namespace sally {
namespace {

using namespace std::chrono_literals;

constexpr int kMostWaiting = 1 << 16;  ///< in a queue, whatever somaxconn says

std::unexpected<Error> refuse(const SocketAddress& at, const char* call, int reason) {
  std::string detail = at.text() + ": " + call + ": " + std::strerror(reason);
  if (reason == EADDRINUSE) detail += " (another program listens there: `ss -ltnp` names it)";
  if (reason == EACCES) detail += " (ports below 1024 need root, or the capability CAP_NET_BIND_SERVICE)";
  if (reason == EADDRNOTAVAIL) detail += " (no interface of this host has that address)";
  return fail(kListenFailed, std::move(detail));
}

}  // namespace

Result<Fd> open_listener(const SocketAddress& at, bool share, int backlog) {
  Fd fd(::socket(at.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return refuse(at, "socket", errno);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (share) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (at.family() == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::bind(fd.get(), at.get(), at.length()) < 0) return refuse(at, "bind", errno);
  if (::listen(fd.get(), backlog) < 0) return refuse(at, "listen", errno);
  return fd;
}

Result<SocketAddress> bound_address(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) < 0)
    return fail(kListenFailed, std::string("getsockname: ") + std::strerror(errno));
  return SocketAddress(reinterpret_cast<const sockaddr*>(&storage), length);
}

Result<> Listener::start() {
  TRY_VOID(loop_.watch_level(fd_.get(), *this));
  watched_ = true;
  return {};
}

void Listener::close() {
  if (!fd_) return;
  if (watched_) loop_.unwatch(fd_.get(), *this);
  watched_ = false;
  for (int rounds = 0; rounds < kMostWaiting / kBatch && accept_all();) ++rounds;
  loop_.disarm(*this);
  fd_.reset();
}

void Listener::on_events(std::uint32_t) { accept_all(); }

void Listener::on_timer() {
  if (fd_ && !watched_ && !start()) loop_.arm(*this, loop_.now() + 100ms);
}

bool Listener::accept_all() {
  for (int i = 0; i < kBatch; ++i) {
    sockaddr_storage storage;
    socklen_t length = sizeof storage;
    Fd client(
        ::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&storage), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (client) {
      accepted_.on_accept(std::move(client),
                          SocketAddress(reinterpret_cast<const sockaddr*>(&storage), length));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      accepted_.on_accept_failed(errno);
      if (watched_) loop_.unwatch(fd_.get(), *this);
      watched_ = false;
      loop_.arm(*this, loop_.now() + 100ms);
      return false;
    }
    if (errno == EAGAIN) return false;  // every other error is of one connection that went away
  }
  return true;
}

}  // namespace sally
