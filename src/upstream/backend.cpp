#include "upstream/backend.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "net/connect.h"
#include "net/connect_first.h"
#include "upstream/shake_hands.h"

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

/// Whoever goes before the connection is open lets the next one try.
struct Opening {
  Opening(bool& flag, Gate& gate) : flag_(flag), gate_(gate) { flag_ = true; }
  ~Opening() {
    flag_ = false;
    gate_.open();
  }
  bool& flag_;
  Gate& gate_;
};

}  // namespace

Backend::Backend(const CoreParts& core, Address address, const Terms& terms,
                 std::shared_ptr<tls::ClientRules> rules)
    : core_(core),
      address_(std::move(address)),
      terms_(terms),
      rules_(std::move(rules)),
      limits_(parser_limits(terms)),
      h2_limits_{terms.header_bytes, terms.header_count, static_cast<std::uint32_t>(terms.buffer_bytes),
                 terms.http2_streams},
      opened_(core.loop) {
  if (!address_.socket_path.empty()) {
    addresses_.push_back(unix_address(address_.socket_path));
    addresses_until_ = kNever;
  } else if (const auto numeric = SocketAddress::numeric(address_.host, address_.port)) {
    addresses_.push_back(*numeric);
    addresses_until_ = kNever;
  }
}

Backend::~Backend() = default;

Call* Backend::kept(bool repeatable, bool only_http1) {
  if (Call* const call = only_http1 ? nullptr : shared()) return call;
  if (kept_.empty()) return nullptr;
  Connection* const c = kept_.back();
  if (!repeatable && core_.loop.now() - c->kept_since() > kFresh) return nullptr;
  kept_.pop_back();
  return c;
}

Call* Backend::shared() {
  for (const auto& c : shared_)
    if (c->room() > 0) return c->call();
  return nullptr;
}

/// A connection that is open may soon be shared.
bool Backend::may_settle() const {
  return std::ranges::any_of(shared_, [](const auto& c) { return c->unsettled(); });
}

Task<Result<Call*>> Backend::connect(std::string first, bool only_http1) {
  const bool may_come_shared = may_share() && !only_http1;
  while (may_come_shared && (opening_ || may_settle())) {
    co_await opened_.wait();
    if (Call* const call = shared()) co_return call;
  }
  std::optional<Opening> opening;
  if (may_come_shared) opening.emplace(opening_, opened_);
  auto wire = co_await open_wire(first, only_http1);
  if (!wire) {
    const bool slow = wire.error().is(kConnectTimeout);
    co_return std::unexpected(
        Error(slow ? kConnectSlow : kNotConnected, WirePos{}, address_.text, std::source_location::current())
            .because(std::move(wire).error()));
  }
  co_return take_in(*std::move(wire), only_http1);
}

Result<Call*> Backend::take_in(Wire wire, bool only_http1) {
  if (rules_ && !only_http1) only_http1_ = wire.alpn() != "h2";
  if (address_.http2 || wire.alpn() == "h2") {
    H2Owner& owner = *this;
    auto made = std::make_unique<H2Connection>(core_.loop, std::move(wire), owner, address_.text, terms_,
                                               h2_limits_, core_.scratch);
    TRY_VOID(made->start());
    shared_.push_back(std::move(made));
    return shared_.back()->call();
  }
  ConnectionOwner& owner = *this;
  auto made = std::make_unique<Connection>(core_.loop, std::move(wire), owner, address_.text, terms_, limits_,
                                           core_.scratch);
  TRY_VOID(made->start());
  made->place = open_.size();
  open_.push_back(std::move(made));
  return open_.back().get();
}

Task<Result<Wire>> Backend::open_wire(const std::string& first, bool only_http1) {
  auto socket = co_await open_socket();
  if (!socket) co_return std::unexpected(std::move(socket).error());
  // A socket without anything in it takes so little at once.
  if (!first.empty() &&
      ::send(socket->get(), first.data(), first.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(first.size()))
    co_return fail(kConnectFailed, "the PROXY protocol header was not taken");
  if (!rules_) co_return Wire(std::move(*socket));
  const TimePoint by = core_.loop.now() + terms_.connect_timeout;
  co_return co_await ShakeHands(core_.loop, std::move(*socket), rules_, only_http1, by);
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
  if (core_.resolver == nullptr) co_return fail(kResolverFailed, address_.host);
  auto found = co_await core_.resolver->find(address_.host, address_.port);
  // A resolver that fails for a while takes nothing away from a backend that is still there.
  if (!found && addresses_.empty()) co_return std::unexpected(std::move(found).error());
  if (found) addresses_ = std::move(found->addresses);
  addresses_until_ = core_.loop.now() + (found ? found->fresh_for : kPause);
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

void Backend::ended(H2Connection& c) {
  const auto here = std::ranges::find(shared_, &c, &std::unique_ptr<H2Connection>::get);
  dead_shared_.push_back(std::move(*here));
  shared_.erase(here);
  core_.loop.defer(*this);
  opened_.open();
}

void Backend::on_turn_end() {
  dead_.clear();
  dead_shared_.clear();
}

}  // namespace sally::upstream
