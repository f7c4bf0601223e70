#include "gateway/relay/datagram_listeners.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "net/datagram_link.h"
#include "net/datagram_socket.h"
#include "net/listener.h"

namespace sally::gateway {
namespace {

std::uint64_t next_datagram_id() {
  static std::uint64_t last = 0;  // of the main thread
  return ++last;
}

Result<Fd> copy_of(const Fd& socket) {
  Fd copy(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 3));
  if (!copy) return fail(kListenFailed, "too many open files");
  return copy;
}

class Opening {
 public:
  Opening(std::size_t workers, std::vector<InheritedSocket>& inherited,
          std::span<const OpenDatagrams> standing)
      : workers_(workers), inherited_(inherited), standing_(standing) {}

  Result<> open(const DatagramPort& config) {
    const auto shared = std::make_shared<const DatagramPort>(config);
    const bool both = config.speaks == DatagramPort::Speaks::ipsec;
    for (const ListenAddress& at : config.addresses) {
      TRY_VOID(open_at(at, at.port, shared, false));
      if (both) TRY_VOID(open_at(at, config.nat_port, shared, true));
    }
    return {};
  }
  std::vector<OpenDatagrams> take() { return std::move(out_); }

 private:
  /// A host may be without IPv6: "1194" goes without it then.
  Result<> open_at(const ListenAddress& at, std::uint16_t port, const SharedDatagramPort& config, bool nat) {
    if (!at.host.empty()) {
      Result<> opened = open_one(*SocketAddress::numeric(at.host, port), config, nat);
      if (!opened && at.optional) return {};
      return opened;
    }
    Result<> six = open_one(SocketAddress::any6(port), config, nat);
    if (!six && six.error().detail().contains("in use")) return six;
    return open_one(SocketAddress::any4(port), config, nat);
  }

  Result<> open_one(const SocketAddress& at, const SharedDatagramPort& config, bool nat) {
    OpenDatagrams made{0, config, nat, at.text(), {}, nullptr};
    if (const auto open = std::ranges::find(standing_, made.text, &OpenDatagrams::text);
        open != standing_.end()) {
      made.id = open->id;
      made.sessions = open->sessions;
      for (const Fd& socket : open->sockets) {
        TRY(made.sockets.emplace_back(), copy_of(socket));
      }
    } else {
      made.id = next_datagram_id();
      made.sessions =
          std::make_shared<ConnectionLimits>(config->max_sessions, config->max_sessions_per_address);
      take_inherited(at, made);
      if (made.sockets.empty()) TRY_VOID(bind(at, made));
    }
    out_.push_back(std::move(made));
    return {};
  }

  Result<> bind(const SocketAddress& at, OpenDatagrams& made) {
    TRY_VOID(open_datagrams(at, false));  // one that shares would not find out that another process is there
    for (std::size_t i = 0; i < workers_; ++i) {
      TRY(Fd socket, open_datagrams(at, true));
      allow_fragments(socket.get(), at.family());
      made.sockets.push_back(std::move(socket));
    }
    return {};
  }

  void take_inherited(const SocketAddress& at, OpenDatagrams& made) {
    for (InheritedSocket& one : inherited_) {
      if (!one.fd) continue;
      const auto bound = bound_address(one.fd.get());
      if (!bound || bound->text() != made.text) continue;
      tell_local_addresses(one.fd.get(), at.family());
      made.sockets.push_back(std::move(one.fd));
    }
  }

  /// As open_datagrams() does: a service manager's socket has none of it.
  static void tell_local_addresses(int fd, int family) {
    const int on = 1;
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (family == AF_INET6)
      ::setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    else
      ::setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    allow_fragments(fd, family);
  }

  std::size_t workers_;
  std::vector<InheritedSocket>& inherited_;
  std::span<const OpenDatagrams> standing_;
  std::vector<OpenDatagrams> out_;
};

}  // namespace

std::vector<InheritedSocket> take_datagrams(std::vector<InheritedSocket>& inherited) {
  const auto first =
      std::stable_partition(inherited.begin(), inherited.end(),
                            [](const InheritedSocket& one) { return !is_datagram(one.fd.get()); });
  std::vector<InheritedSocket> out(std::make_move_iterator(first), std::make_move_iterator(inherited.end()));
  inherited.erase(first, inherited.end());
  return out;
}

Result<std::vector<OpenDatagrams>> open_datagram_ports(const std::vector<DatagramPort>& ports,
                                                       std::size_t workers,
                                                       std::vector<InheritedSocket>& inherited,
                                                       std::span<const OpenDatagrams> standing) {
  Opening opening(workers, inherited, standing);
  for (const DatagramPort& port : ports) TRY_VOID(opening.open(port));
  return opening.take();
}

Result<std::vector<DatagramDuty>> datagram_duties(const std::vector<OpenDatagrams>& ports, std::size_t worker,
                                                  std::size_t workers,
                                                  std::span<const OpenDatagrams> before) {
  std::vector<DatagramDuty> out;
  for (const OpenDatagrams& port : ports) {
    DatagramDuty duty{port.id, port.config, port.nat, {}, port.sessions};
    const bool known = std::ranges::find(before, port.id, &OpenDatagrams::id) != before.end();
    // Fewer than workers: the others have none. Two that read one socket would tear sessions apart.
    for (std::size_t i = worker; !known && i < port.sockets.size(); i += workers) {
      TRY(duty.sockets.emplace_back(), copy_of(port.sockets[i]));
    }
    out.push_back(std::move(duty));
  }
  return out;
}

}  // namespace sally::gateway
