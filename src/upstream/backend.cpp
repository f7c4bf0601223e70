#include "upstream/backend.h"

#include <algorithm>
#include <cstring>

#include "net/connect.h"
#include "net/connect_first.h"
#include "net/look_up.h"

namespace sally::upstream {
namespace {

SocketAddress unix_address(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.data(), path.size());
  return SocketAddress(reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

http::HttpLimits parser_limits(const Terms& terms) {
  http::HttpLimits limits;
  limits.header_bytes = terms.header_bytes;
  limits.header_count = terms.header_count;
  return limits;
}

}  // namespace

Backend::Backend(const CoreParts& core, Address address, const Terms& terms)
    : core_(core), address_(std::move(address)), terms_(terms), limits_(parser_limits(terms)) {
  if (!address_.socket_path.empty()) {
    addresses_.push_back(unix_address(address_.socket_path));
    addresses_until_ = kNever;
  } else if (const auto numeric = SocketAddress::numeric(address_.host, address_.port)) {
    addresses_.push_back(*numeric);
    addresses_until_ = kNever;
  }
}

Backend::~Backend() = default;

Call* Backend::kept(bool repeatable) {
  if (kept_.empty()) return nullptr;
  Connection* const c = kept_.back();
  if (!repeatable && core_.loop.now() - c->kept_since() > kFresh) return nullptr;
  kept_.pop_back();
  return c;
}

Task<Result<Call*>> Backend::connect() {
  auto socket = co_await open_socket();
  if (!socket) {
    const bool slow = socket.error().is(kConnectTimeout);
    co_return std::unexpected(
        Error(slow ? kConnectSlow : kNotConnected, WirePos{}, address_.text, std::source_location::current())
            .because(std::move(socket).error()));
  }
  ConnectionOwner& owner = *this;
  auto made = std::make_unique<Connection>(core_.loop, std::move(*socket), owner, address_.text, terms_,
                                           limits_, core_.scratch);
  CO_TRY_VOID(made->start());
  made->place = open_.size();
  open_.push_back(std::move(made));
  Call* const call = open_.back().get();
  co_return call;
}

Task<Result<Fd>> Backend::open_socket() {
  const TimePoint by = core_.loop.now() + terms_.connect_timeout;
  CO_TRY_VOID(co_await find_addresses());
  if (addresses_.size() == 1) co_return co_await Connect(core_.loop, addresses_.front(), by);
  auto first = co_await ConnectFirst(core_.loop, addresses_, by);
  if (!first) co_return std::unexpected(std::move(first).error());
  co_return std::move(first->socket);
}

Task<Result<Unit>> Backend::find_addresses() {
  if (!addresses_.empty() && core_.loop.now() < addresses_until_) co_return Unit{};
  auto found = co_await look_up(core_.loop, address_.host, address_.port);
  // A resolver that fails for a while takes nothing away from a backend that is still there.
  if (!found && addresses_.empty()) co_return std::unexpected(std::move(found).error());
  if (found) addresses_ = std::move(*found);
  addresses_until_ = core_.loop.now() + kNamesHold;
  co_return Unit{};
}

void Backend::give_back(Connection& c) {
  if (!c.reusable() || kept_.size() >= terms_.keep_connections || !c.keep()) return drop(c);
  kept_.push_back(&c);
}

void Backend::drop(Connection& c) {
  c.close();
  const std::size_t place = c.place;
  dead_.push_back(std::move(open_[place]));
  if (place + 1 != open_.size()) {
    open_[place] = std::move(open_.back());
    open_[place]->place = place;
  }
  open_.pop_back();
  core_.loop.defer(*this);
}

void Backend::kept_ended(Connection& c) {
  std::erase(kept_, &c);
  drop(c);
}

}  // namespace sally::upstream
