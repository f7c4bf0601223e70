#include "net/datagram_link.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "os/os_error.h"

namespace sally {
namespace {

constexpr int kLinkBuffer = 1024 * 1024;

bool set(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

/// 0: the kernel joined nothing.
std::size_t segment_of(const msghdr& message) {
  for (const cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr;
       c = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(c))) {
    if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO) continue;
    int value = 0;
    std::memcpy(&value, CMSG_DATA(c), sizeof value);
    return value > 0 ? static_cast<std::size_t>(value) : 0;
  }
  return 0;
}

bool is_refusal(int number) {
  return number == ECONNREFUSED || number == EHOSTUNREACH || number == ENETUNREACH;
}

}  // namespace

void allow_fragments(int fd, int family) {
  if (family == AF_INET6)
    set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
  else
    set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
}

Result<DatagramLink> DatagramLink::open(const SocketAddress& peer) {
  Fd fd(::socket(peer.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), peer.get(), peer.length()) != 0)
    return fail(kNoLink, peer.text() + ": " + errno_text(errno));
  allow_fragments(fd.get(), peer.family());
  set(fd.get(), SOL_UDP, UDP_GRO, 1);  // since Linux 5.0; without it the kernel gives one datagram at a time
  set(fd.get(), SOL_SOCKET, SO_RCVBUF, kLinkBuffer);
  set(fd.get(), SOL_SOCKET, SO_SNDBUF, kLinkBuffer);
  return DatagramLink(std::move(fd));
}

bool DatagramLink::send(const DatagramRun& run) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  iovec piece{const_cast<std::byte*>(run.bytes.data()), run.bytes.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (run.bytes.size() > run.segment) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(run.segment);
    std::memcpy(CMSG_DATA(c), &segment, sizeof segment);
  }
  ssize_t sent = -1;
  do sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  // A refusal of what was sent before is told to the next call, which sent nothing.
  refused_ = refused_ || (sent < 0 && is_refusal(errno));
  if (sent < 0 && is_refusal(errno)) sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
  if (sent >= 0) return true;
  // Where the kernel cannot split, and where a segment is longer than the way is wide: one by one.
  if ((errno != EIO && errno != EINVAL) || run.bytes.size() <= run.segment) return false;
  bool all = true;
  for (Bytes rest = run.bytes; !rest.empty(); rest = rest.subspan(std::min(run.segment, rest.size())))
    all = send({rest.first(std::min(run.segment, rest.size())), run.segment}) && all;
  return all;
}

Result<bool> DatagramLink::take(DatagramBuffers& buffers, RunsTaken& taken) {
  if (std::exchange(refused_, false)) return fail(kRefusedDatagram);
  constexpr std::size_t kCount = DatagramBuffers::kMessages;
  struct alignas(cmsghdr) Room {
    std::array<char, CMSG_SPACE(sizeof(int))> bytes;
  };
  std::array<mmsghdr, kCount> messages{};
  std::array<iovec, kCount> pieces;
  std::array<Room, kCount> controls;
  for (std::size_t i = 0; i < kCount; ++i) {
    pieces[i] = {buffers.message(i), DatagramBuffers::kMost};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_control = controls[i].bytes.data();
    messages[i].msg_hdr.msg_controllen = sizeof controls[i].bytes;
  }
  const int n = ::recvmmsg(fd_.get(), messages.data(), kCount, 0, nullptr);
  if (n < 0 && is_refusal(errno)) return fail(kRefusedDatagram, errno_text(errno));
  if (n <= 0) return false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    const std::size_t size = messages[i].msg_len;
    if ((messages[i].msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || size == 0) continue;
    const std::size_t segment = segment_of(messages[i].msg_hdr);
    taken.on_run({Bytes(buffers.message(i), size), segment == 0 ? size : segment});
  }
  return static_cast<std::size_t>(n) == kCount;
}

}  // namespace sally
