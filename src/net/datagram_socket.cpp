#include "net/datagram_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace sally {
namespace {

constexpr int kSocketBuffer = 4 * 1024 * 1024;
constexpr std::size_t kControl = 256;
constexpr int kBatches = 4;  // in one turn: others must be served too

bool set(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

template <typename T>
T value_of(const cmsghdr* c) {
  T value;
  std::memcpy(&value, CMSG_DATA(c), sizeof value);
  return value;
}

struct Control {
  alignas(cmsghdr) std::array<char, kControl> bytes{};
  std::size_t used = 0;

  template <typename T>
  void add(int level, int type, const T& value) {
    auto* const c = reinterpret_cast<cmsghdr*>(bytes.data() + used);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(c), &value, sizeof value);
    used += CMSG_SPACE(sizeof value);
  }
};

void add_source(Control& control, const SocketAddress& local) {
  if (local.family() == AF_INET) {
    in_pktinfo facts{};
    facts.ipi_spec_dst = reinterpret_cast<const sockaddr_in*>(local.get())->sin_addr;
    control.add(IPPROTO_IP, IP_PKTINFO, facts);
  } else {
    in6_pktinfo facts{};
    facts.ipi6_addr = reinterpret_cast<const sockaddr_in6*>(local.get())->sin6_addr;
    control.add(IPPROTO_IPV6, IPV6_PKTINFO, facts);
  }
}

}  // namespace

Result<> set_up_datagrams(int n, const SocketAddress& at) {
  bool ready = false;
  if (at.family() == AF_INET6)
    ready = set(n, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) && set(n, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) &&
            set(n, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
  else
    ready = set(n, IPPROTO_IP, IP_PKTINFO, 1) && set(n, IPPROTO_IP, IP_RECVTOS, 1) &&
            set(n, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  if (!ready) return fail(kListenFailed, at.text() + " (UDP): " + std::strerror(errno));
  set(n, SOL_UDP, UDP_GRO, 1);  // since Linux 5.0; without it the kernel gives one datagram at a time
  set(n, SOL_SOCKET, SO_RCVBUF, kSocketBuffer);
  set(n, SOL_SOCKET, SO_SNDBUF, kSocketBuffer);
  return {};
}

bool is_datagram(int socket) {
  int kind = 0;
  socklen_t size = sizeof kind;
  return ::getsockopt(socket, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 && kind == SOCK_DGRAM;
}

Result<Fd> open_datagrams(const SocketAddress& at, bool shared) {
  const auto refuse = [&] { return fail(kListenFailed, at.text() + " (UDP): " + std::strerror(errno)); };
  Fd fd(::socket(at.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return refuse();
  if (shared && !set(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1)) return refuse();
  if (at.family() == AF_INET6 && !set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) return refuse();
  TRY_VOID(set_up_datagrams(fd.get(), at));
  if (::bind(fd.get(), at.get(), at.length()) != 0) return refuse();
  return fd;
}

Result<> DatagramSocket::start() {
  TRY(local_, bound_address(fd_.get()));
  TRY_VOID(loop_.watch_level(fd_.get(), *this));
  watched_ = true;
  return {};
}

void DatagramSocket::stop_taking() {
  if (watched_) loop_.unwatch(fd_.get(), *this);
  watched_ = false;
}

void DatagramSocket::close() {
  stop_taking();
  fd_ = Fd();
}

void DatagramSocket::on_events(std::uint32_t) {
  for (int i = 0; i < kBatches && watched_; ++i)
    if (!take_batch()) break;
}

/// True: there may be more.
bool DatagramSocket::take_batch() {
  constexpr std::size_t kCount = DatagramBuffers::kMessages;
  std::array<mmsghdr, kCount> messages{};
  std::array<iovec, kCount> pieces;
  std::array<sockaddr_storage, kCount> senders;
  struct alignas(cmsghdr) Room {
    char bytes[kControl];
  };
  std::array<Room, kCount> controls;
  for (std::size_t i = 0; i < kCount; ++i) {
    pieces[i] = {buffers_.message(i), DatagramBuffers::kMost};
    msghdr& m = messages[i].msg_hdr;
    m.msg_iov = &pieces[i];
    m.msg_iovlen = 1;
    m.msg_name = &senders[i];
    m.msg_namelen = sizeof senders[i];
    m.msg_control = controls[i].bytes;
    m.msg_controllen = sizeof controls[i].bytes;
  }
  const int n = ::recvmmsg(fd_.get(), messages.data(), kCount, 0, nullptr);
  if (n <= 0) return false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    if ((messages[i].msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) continue;
    deliver(messages[i].msg_hdr, Bytes(buffers_.message(i), messages[i].msg_len));
  }
  taken_.on_batch_end();
  return static_cast<std::size_t>(n) == kCount;
}

void DatagramSocket::deliver(const msghdr& message, Bytes bytes) {
  Datagram one;
  one.remote = SocketAddress(static_cast<const sockaddr*>(message.msg_name), message.msg_namelen);
  one.local = local_;
  std::size_t segment = bytes.size();
  for (const cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr;
       c = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(c))) {
    if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
      segment = static_cast<std::size_t>(value_of<int>(c));
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
      one.ecn = value_of<std::uint8_t>(c) & 3;
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
      one.ecn = static_cast<std::uint8_t>(value_of<int>(c) & 3);
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      sockaddr_in at{};
      at.sin_family = AF_INET;
      at.sin_addr = value_of<in_pktinfo>(c).ipi_addr;
      at.sin_port = htons(local_.port());
      one.local = SocketAddress(reinterpret_cast<const sockaddr*>(&at), sizeof at);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      sockaddr_in6 at{};
      at.sin6_family = AF_INET6;
      at.sin6_addr = value_of<in6_pktinfo>(c).ipi6_addr;
      at.sin6_port = htons(local_.port());
      one.local = SocketAddress(reinterpret_cast<const sockaddr*>(&at), sizeof at);
    }
  }
  if (segment == 0) return;
  while (!bytes.empty()) {
    one.bytes = bytes.first(std::min(segment, bytes.size()));
    bytes = bytes.subspan(one.bytes.size());
    taken_.on_datagram(one);
  }
}

bool DatagramSocket::send(Bytes bytes, std::size_t segment, const SocketAddress& local,
                          const SocketAddress& remote, std::uint8_t ecn) {
  Control control;
  add_source(control, local);
  if (ecn != 0) {
    if (remote.family() == AF_INET)
      control.add(IPPROTO_IP, IP_TOS, static_cast<int>(ecn));
    else
      control.add(IPPROTO_IPV6, IPV6_TCLASS, static_cast<int>(ecn));
  }
  if (bytes.size() > segment) control.add(SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment));
  iovec piece{const_cast<std::byte*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_name = const_cast<sockaddr*>(remote.get());
  message.msg_namelen = remote.length();
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.used;
  for (;;) {
    if (::sendmsg(fd_.get(), &message, 0) >= 0) return true;
    if (errno == EINTR) continue;
    // Interfaces without checksum offload cannot split: then one by one.
    // One that is too large for the path must not take the others with it.
    if ((errno != EIO && errno != EINVAL && errno != EMSGSIZE) || bytes.size() <= segment) return false;
    bool all = true;
    for (Bytes rest = bytes; !rest.empty(); rest = rest.subspan(std::min(segment, rest.size())))
      all = send(rest.first(std::min(segment, rest.size())), segment, local, remote, ecn) && all;
    return all;
  }
}

}  // namespace sally
