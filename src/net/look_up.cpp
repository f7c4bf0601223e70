#include "net/look_up.h"

#include <netdb.h>

#include <algorithm>
#include <memory>

#include "loop/offload.h"

namespace sally {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* a) const noexcept { ::freeaddrinfo(a); }
};

struct Resolving {
  std::string host;
  std::uint16_t port;

  Result<std::vector<SocketAddress>> operator()() const {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int why = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    const std::unique_ptr<addrinfo, FreeAddresses> list(found);
    if (why != 0) {
      const bool none = why == EAI_NONAME || why == EAI_NODATA;
      return fail(none ? kNoSuchName : kResolverFailed, host + ": " + ::gai_strerror(why));
    }
    std::vector<SocketAddress> out;
    for (const addrinfo* a = list.get(); a; a = a->ai_next) {
      const SocketAddress one(a->ai_addr, a->ai_addrlen);
      if (std::ranges::find(out, one.text(), &SocketAddress::text) == out.end()) out.push_back(one);
    }
    if (out.empty()) return fail(kNoSuchName, host);
    return out;
  }
};

}  // namespace

Task<Result<std::vector<SocketAddress>>> look_up(Loop& loop, std::string host, std::uint16_t port) {
  if (const auto numeric = SocketAddress::numeric(host, port)) co_return std::vector{*numeric};
  auto waiting = offload(loop, Resolving{std::move(host), port});
  co_return co_await waiting;
}

}  // namespace sally
