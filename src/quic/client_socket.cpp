#include "quic/client_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/listener.h"

namespace sally::quic {
namespace {

constexpr int kSocketBuffer = 1024 * 1024;

bool set(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

struct alignas(cmsghdr) Control {
  char bytes[64] = {};
};

/// Bytes of each of the datagrams that the kernel joined; all of them, if it joined none.
std::size_t segment_of(const msghdr& message, std::size_t all) {
  for (const cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr;
       c = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(c))) {
    if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO) continue;
    int size = 0;
    std::memcpy(&size, CMSG_DATA(c), sizeof size);
    return size > 0 ? static_cast<std::size_t>(size) : all;
  }
  return all;
}

}  // namespace

Result<ClientSocket> ClientSocket::open(const SocketAddress& to, ClientBuffers& buffers) {
  const auto refuse = [&] { return fail(kSocketFailed, to.text() + ": " + std::strerror(errno)); };
  Fd fd(::socket(to.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return refuse();
  const bool v6 = to.family() == AF_INET6;
  const bool whole = v6 ? set(fd.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE)
                        : set(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  if (!whole) return refuse();
  set(fd.get(), SOL_UDP, UDP_GRO, 1);
  set(fd.get(), SOL_SOCKET, SO_RCVBUF, kSocketBuffer);
  set(fd.get(), SOL_SOCKET, SO_SNDBUF, kSocketBuffer);
  if (::connect(fd.get(), to.get(), to.length()) != 0) return refuse();
  TRY(const SocketAddress local, bound_address(fd.get()));
  ClientSocket made(std::move(fd), buffers);
  made.path_ = {local, to};
  return made;
}

std::span<std::uint8_t> ClientSocket::room(std::size_t size) {
  if (kMostGathered - used_ < size) flush();
  return std::span(buffers_->gathered).subspan(used_, size);
}

void ClientSocket::commit(std::size_t size, const Path&, std::uint8_t) {
  const bool joins = used_ != 0 && !short_ && size <= segment_ && count_ < kSegments;
  if (used_ != 0 && !joins) {
    const std::size_t from = used_;
    flush();
    std::memmove(buffers_->gathered.data(), buffers_->gathered.data() + from, size);
  }
  if (used_ == 0) segment_ = size;
  used_ += size;
  ++count_;
  short_ = size < segment_;
}

void ClientSocket::flush() {
  if (used_ != 0) send(std::span(buffers_->gathered).first(used_), segment_);
  used_ = count_ = 0;
  short_ = false;
}

void ClientSocket::send(std::span<const std::uint8_t> bytes, std::size_t segment) {
  Control control;
  iovec piece{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (bytes.size() > segment) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(std::uint16_t));
    cmsghdr* const c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto size = static_cast<std::uint16_t>(segment);
    std::memcpy(CMSG_DATA(c), &size, sizeof size);
  }
  const ssize_t n = ::sendmsg(fd_.get(), &message, 0);
  if (n >= 0) {
    sent_ += static_cast<std::size_t>(n);
    return;
  }
  if (errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH) refused_ = errno;
  // Interfaces without checksum offload cannot split: then one by one.
  if ((errno != EIO && errno != EINVAL) || bytes.size() <= segment) return;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(segment, bytes.size())))
    send(bytes.first(std::min(segment, bytes.size())), segment);
}

ClientSocket::Taken ClientSocket::take(Connection& connection, TimePoint now) {
  if (const int error = std::exchange(refused_, 0); error != 0) return {0, error, true};
  Control control;
  iovec piece{buffers_->received.data(), buffers_->received.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  const ssize_t n = ::recvmsg(fd_.get(), &message, 0);
  if (n < 0) {
    if (errno == EAGAIN) return {};
    if (errno == EINTR) return {0, 0, true};
    return {0, errno, true};
  }
  const auto size = static_cast<std::size_t>(n);
  if (size == 0 || (message.msg_flags & MSG_TRUNC) != 0) return {size, 0, true};
  const std::size_t segment = segment_of(message, size);
  for (Bytes rest = Bytes(buffers_->received).first(size); !rest.empty();) {
    const Bytes one = rest.first(std::min(segment, rest.size()));
    rest = rest.subspan(one.size());
    connection.receive(path_, one, 0, now);
  }
  return {size, 0, true};
}

}  // namespace sally::quic
