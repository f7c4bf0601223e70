#include "gateway/stray_channel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace sally::gateway {
namespace {

constexpr int kQueue = 1024 * 1024;

void add_address(std::string& to, const SocketAddress& address) {
  to += static_cast<char>(address.length());
  to.append(reinterpret_cast<const char*>(address.get()), address.length());
}

std::optional<SocketAddress> read_address(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  const std::size_t size = static_cast<unsigned char>(rest.front());
  rest.remove_prefix(1);
  if (size < sizeof(sa_family_t) || size > sizeof(sockaddr_storage) || size > rest.size())
    return std::nullopt;
  sockaddr_storage storage{};
  std::memcpy(&storage, rest.data(), size);
  const SocketAddress out(reinterpret_cast<const sockaddr*>(&storage), static_cast<socklen_t>(size));
  rest.remove_prefix(size);
  if (out.family() != AF_INET && out.family() != AF_INET6) return std::nullopt;
  return out;
}

}  // namespace

std::string pack_stray(const StrayDatagram& stray) {
  std::string out(1, static_cast<char>(stray.ecn));
  add_address(out, stray.local);
  add_address(out, stray.remote);
  return out + stray.bytes;
}

std::optional<StrayDatagram> unpack_stray(Bytes packed) {
  std::string_view rest = as_text(packed);
  if (rest.empty()) return std::nullopt;
  StrayDatagram out;
  out.ecn = static_cast<std::uint8_t>(rest.front()) & 3;
  rest.remove_prefix(1);
  const auto local = read_address(rest);
  const auto remote = local ? read_address(rest) : std::nullopt;
  if (!remote || rest.empty()) return std::nullopt;
  out.local = *local;
  out.remote = *remote;
  out.bytes = rest;
  return out;
}

Result<std::pair<Fd, Fd>> StrayChannel::make() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return fail_errno(errno, "open", "a channel for datagrams");
  ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &kQueue, sizeof kQueue);
  return std::pair(Fd(ends[0]), Fd(ends[1]));
}

void StrayChannel::give(const StrayDatagram& stray) {
  const std::string packed = pack_stray(stray);
  const ssize_t n = ::send(end_.get(), packed.data(), packed.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
    gone_.store(true, std::memory_order_relaxed);
}

std::optional<StrayDatagram> StrayChannel::take() {
  if (!open()) return std::nullopt;
  std::string packed(kMost, '\0');
  const ssize_t n = ::recv(end_.get(), packed.data(), packed.size(), MSG_DONTWAIT);
  if (n == 0) gone_.store(true, std::memory_order_relaxed);
  if (n <= 0) return std::nullopt;
  return unpack_stray(as_bytes(std::string_view(packed).substr(0, static_cast<std::size_t>(n))));
}

}  // namespace sally::gateway
