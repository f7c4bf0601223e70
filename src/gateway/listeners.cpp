#include "gateway/listeners.h"

#include <fcntl.h>

#include <algorithm>
#include <optional>

#include "net/datagram_socket.h"
#include "net/listener.h"

namespace sally::gateway {
namespace {

/// The addresses behind a way of writing them; the first must work, the second may not exist on this host.
std::vector<SocketAddress> addresses_of(const ListenAddress& at) {
  if (at.host.empty()) return {SocketAddress::any6(at.port), SocketAddress::any4(at.port)};
  if (at.host == "localhost")
    return {*SocketAddress::numeric("127.0.0.1", at.port), *SocketAddress::numeric("::1", at.port)};
  if (const auto one = SocketAddress::numeric(at.host, at.port)) return {*one};
  return {};
}

Result<Fd> copy_of(const Fd& socket) {
  Fd copy(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 3));
  if (!copy) return fail(kListenFailed, "too many open files");
  return copy;
}

std::uint64_t next_id() {
  static std::uint64_t last = 0;  // of the main thread
  return ++last;
}

class Opening {
 public:
  Opening(std::size_t workers, bool quic, std::vector<InheritedSocket> inherited,
          std::span<const OpenPort> standing)
      : workers_(workers), quic_(quic), standing_(standing) {
    for (InheritedSocket& socket : inherited)
      if (auto at = bound_address(socket.fd.get())) {
        auto& kind = is_datagram(socket.fd.get()) ? inherited_datagrams_ : inherited_;
        kind.push_back({*at, std::move(socket.name), std::move(socket.fd)});
      }
  }

  /// Opens all addresses of `config`. Two of them share the port that the system chose for the first.
  Result<> open(PortConfig config, bool redirects) {
    const ListenAddress asked = config.address;
    std::optional<Error> first_error;
    bool opened = false;
    for (const SocketAddress& address : addresses_of(config.address)) {
      auto port =
          open_one(*SocketAddress::numeric(address.host(), config.address.port), config, asked, redirects);
      if (port) {
        config.address.port = port->config.address.port;
        TRY_VOID(open_datagrams_of(*port));
        ports_.push_back(*std::move(port));
        opened = true;
      } else if (!first_error || port.error().detail().contains("in use")) {
        first_error.emplace(std::move(port).error());
      }
    }
    if (opened && (!first_error || !first_error->detail().contains("in use"))) return {};
    if (first_error && asked.optional && !first_error->detail().contains("in use")) return {};
    if (first_error) return std::unexpected(*std::move(first_error));
    return fail(kListenFailed, config.address.text() + ": no numeric address");
  }

  std::vector<OpenPort> take() { return std::move(ports_); }

 private:
  Result<OpenPort> open_one(const SocketAddress& at, const PortConfig& config, const ListenAddress& asked,
                            bool redirects) {
    OpenPort port{0, config, asked, redirects, at.text(), {}};
    if (const OpenPort* open = find_standing(at, asked)) {
      port.id = open->id;
      port.config.address.port = open->config.address.port;
      port.text = open->text;
      for (const Fd& socket : open->sockets) {
        TRY(port.sockets.emplace_back(), copy_of(socket));
      }
      return port;
    }
    port.id = next_id();
    if (take_inherited(at, port)) {
      // Where there are fewer than workers, several accept from the same queue.
      for (std::size_t i = 0; port.sockets.size() < workers_; ++i) {
        TRY(port.sockets.emplace_back(), copy_of(port.sockets[i]));
      }
      return port;
    }
    SocketAddress same = at;
    // Sockets that share a port would share it with another process of this user too, and each would get a
    // part of the clients. A socket that does not share finds out.
    if (workers_ > 1 && at.port() != 0) {
      TRY_VOID(open_listener(at, false));
    }
    for (std::size_t i = 0; i < workers_; ++i) {
      TRY(Fd socket, open_listener(same, workers_ > 1));
      TRY(same, bound_address(socket.get()));
      port.sockets.push_back(std::move(socket));
    }
    port.config.address.port = same.port();
    port.text = same.text();
    return port;
  }

  /// The same port of UDP, where TLS is spoken. One that is taken stops nothing: TCP serves everybody.
  Result<> open_datagrams_of(OpenPort& port) {
    // Behind a PROXY protocol a balancer speaks for its clients, and it has no datagrams.
    if (!quic_ || port.config.protocol != PortProtocol::https || !port.config.proxies.empty()) return {};
    const auto open = std::ranges::find(standing_, port.id, &OpenPort::id);
    if (open != standing_.end() && !open->datagrams.empty()) {
      for (const Fd& socket : open->datagrams) {
        TRY(port.datagrams.emplace_back(), copy_of(socket));
      }
      return {};
    }
    const auto at = bound_address(port.sockets.front().get());
    if (!at || (at->family() != AF_INET && at->family() != AF_INET6)) return {};
    if (const auto made = make_datagrams(*at, port.datagrams); !made) {
      port.no_datagrams = std::string(made.error().detail());
      port.datagrams.clear();
    }
    return {};
  }

  Result<> make_datagrams(const SocketAddress& at, std::vector<Fd>& out) {
    for (Inherited& one : inherited_datagrams_) {
      if (!one.fd || one.at.text() != at.text()) continue;
      ::fcntl(one.fd.get(), F_SETFL, ::fcntl(one.fd.get(), F_GETFL) | O_NONBLOCK);
      TRY_VOID(set_up_datagrams(one.fd.get(), at));
      out.push_back(std::move(one.fd));
    }
    const std::size_t given = out.size();
    for (std::size_t i = 0; given != 0 && out.size() < workers_; ++i) {
      TRY(out.emplace_back(), copy_of(out[i]));
    }
    if (given != 0) return {};
    if (workers_ > 1) TRY_VOID(open_datagrams(at, false));  // as with TCP: whether anybody else is there
    for (std::size_t i = 0; i < workers_; ++i) {
      TRY(out.emplace_back(), open_datagrams(at, workers_ > 1));
    }
    return {};
  }

  /// What listens on this address already. A port that the system chose is known by what was asked for.
  const OpenPort* find_standing(const SocketAddress& at, const ListenAddress& asked) const {
    for (const OpenPort& open : standing_) {
      if (open.text == at.text()) return &open;
      if (at.port() != 0 || !(open.asked == asked)) continue;
      const auto chosen = SocketAddress::numeric(at.host(), open.config.address.port);
      if (chosen && chosen->text() == open.text) return &open;
    }
    return nullptr;
  }

  /// All sockets that were passed for this address: clients wait in the queue of each. A port that the system
  /// chose for the program before this one is known by what was asked for.
  bool take_inherited(const SocketAddress& at, OpenPort& port) {
    for (Inherited& one : inherited_) {
      const bool same_choice = at.port() == 0 && one.name == port.asked.text() && one.at.host() == at.host();
      if (!one.fd || (one.at.text() != port.text && !(same_choice && port.sockets.empty()))) continue;
      ::fcntl(one.fd.get(), F_SETFL, ::fcntl(one.fd.get(), F_GETFL) | O_NONBLOCK);
      port.text = one.at.text();
      port.config.address.port = one.at.port();
      port.sockets.push_back(std::move(one.fd));
    }
    return !port.sockets.empty();
  }

  struct Inherited {
    SocketAddress at;
    std::string name;
    Fd fd;
  };

  std::size_t workers_;
  bool quic_;
  std::span<const OpenPort> standing_;
  std::vector<Inherited> inherited_, inherited_datagrams_;
  std::vector<OpenPort> ports_;
};

}  // namespace

Result<std::vector<OpenPort>> open_ports(const Settings& settings, std::size_t workers,
                                         std::vector<InheritedSocket> inherited,
                                         std::span<const OpenPort> standing) {
  Opening opening(workers, settings.quic.on, std::move(inherited), standing);
  for (const PortConfig& port : settings.ports) TRY_VOID(opening.open(port, false));
  for (const ListenAddress& address : settings.redirects)
    TRY_VOID(opening.open({.address = address, .protocol = PortProtocol::http, .h2c = false}, true));
  return opening.take();
}

namespace {

Result<std::vector<Fd>> share_of(const std::vector<Fd>& all, std::size_t worker, std::size_t workers) {
  std::vector<Fd> out;
  for (std::size_t i = worker; i < all.size(); i += workers) {
    TRY(out.emplace_back(), copy_of(all[i]));
  }
  return out;
}

}  // namespace

Result<std::vector<Fd>> sockets_of(const OpenPort& port, std::size_t worker, std::size_t workers) {
  return share_of(port.sockets, worker, workers);
}

Result<std::vector<Fd>> datagrams_of(const OpenPort& port, std::size_t worker, std::size_t workers) {
  return share_of(port.datagrams, worker, workers);
}

}  // namespace sally::gateway
