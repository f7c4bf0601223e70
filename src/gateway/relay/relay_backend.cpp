// Finding a backend for a connection whose protocol is known, and carrying the bytes.
#include <utility>

#include "gateway/relay/ftp_control.h"
#include "gateway/relay/relay.h"
#include "gateway/relay/room_wait.h"
#include "net/listener.h"
#include "net/proxy_protocol.h"
#include "upstream/dial.h"
#include "upstream/errors.h"

namespace sally::gateway {

namespace {

/// What a client hears first where the server greeted us already, before its own TLS. What a server can do is
/// not in it: that is another thing inside TLS, and clients ask.
std::string greeting_in_place_of(std::string_view protocol, std::string_view site) {
  if (protocol.starts_with("imap")) return "* OK ready\r\n";
  if (protocol.starts_with("pop3")) return "+OK ready\r\n";
  if (protocol.starts_with("smtp")) return "220 " + std::string(site) + " ESMTP\r\n";
  return {};
}

}  // namespace

std::string Relay::proxy_header() const {
  const auto version = group_->target.proxy_protocol;
  if (!version) return {};
  const auto client = SocketAddress::numeric(record_.facts.client_address, record_.facts.client_port);
  const auto server = SocketAddress::numeric(record_.facts.server_address, record_.facts.server_port);
  return write_proxy_header(*version, client.value_or(SocketAddress()), server.value_or(SocketAddress()));
}

Task<Result<Unit>> Relay::carry() {
  Result<Unit> reached = co_await reach();
  if (!reached) {
    excuse();
    co_return reached;
  }
  if (near_.tls() && door_of().plain_first == nullptr && group_->backends.at(member_).address().starttls) {
    CO_TRY_VOID(greet());
  }
  if (near_.tls() && door_of().files) co_return co_await carry_files();
  CO_TRY_VOID(open_tunnel());
  Result<Unit> ended = co_await tunnel_->run();
  if (ended) co_return Unit{};
  // Neither side may take it for an end in good order. A client of TLS sees that no close_notify came.
  far_.reset();
  if (!near_.tls()) reset_when_closed(near_.stream().fd());
  if (ended.error().is(kBackendBroke)) group_->backends.failed(member_);
  co_return ended;
}

Result<> Relay::open_tunnel() {
  const proto::ServerSide* const side = door_of().server_side;
  if (near_.tls() && side != nullptr && side->between != nullptr) between_ = side->between();
  tunnel_.emplace(core_, near_, far_, group_->target, *group_->counts, between_.get());
  return early_.empty() ? Result<>{} : tunnel_->begin(as_bytes(std::exchange(early_, {})));
}

Task<Result<Unit>> Relay::carry_files() {
  const auto here = bound_address(near_.stream().fd());
  ftp_ = std::make_unique<FtpControl>(FtpControl::Parts{.core = core_,
                                                        .near = near_,
                                                        .far = far_,
                                                        .config = door_of().config,
                                                        .counts = *group_->counts,
                                                        .identity = identity_,
                                                        .application = door_of().application,
                                                        .server_address = here ? here->host() : std::string(),
                                                        .client = client_});
  Result<Unit> ended = co_await ftp_->run();
  if (ftp_->failure()) note(*ftp_->failure());
  if (ended) co_return Unit{};
  far_.reset();
  if (ended.error().is(kBackendBroke)) group_->backends.failed(member_);
  co_return ended;
}

Result<> Relay::greet() {
  const std::string greeting = greeting_in_place_of(record_.protocol, record_.site);
  if (greeting.empty()) return {};
  TRY_VOID(near_.tls()->write(as_bytes(greeting)));
  return near_.flush();
}

/// One that has room, at once or when the line gets to this connection. Errors: relay.backends_busy.
Task<Result<Unit>> Relay::choose(upstream::Group::Tried tried) {
  using Kind = upstream::Group::Pick::Kind;
  pick_ = group_->backends.choose(record_.facts.client_address, tried);
  if (pick_.kind != Kind::busy) co_return Unit{};
  RoomWait room(group_->backends, record_.facts.client_address, tried, near_.stream());
  if (!room.join()) co_return fail(kBackendsBusy);
  while (!room.decided()) co_await near_.stream().until(0, kNever);
  core_.tick();
  pick_ = room.take();
  if (pick_.kind == Kind::busy) co_return fail(kBackendsBusy);
  co_return Unit{};
}

Task<Result<Unit>> Relay::meet(upstream::Backend& backend) {
  const Deadline by = core_.loop.now() + group_->target.connect_timeout;
  auto wire = co_await upstream::dial(backend, proxy_header(), door_of().dialogue, by);
  core_.tick();
  if (!wire) co_return std::unexpected(std::move(wire).error());
  CO_TRY_VOID(far_.start(*std::move(wire)));
  const proto::ServerSide* const side = door_of().plain_first;
  if (side == nullptr || side->greeting == nullptr || backend.address().starttls) co_return Unit{};
  Result<Unit> heard = co_await hear_greeting(by);
  if (!heard) far_.drop();
  co_return heard;
}

/// Asks one backend after the other.
Task<Result<Unit>> Relay::reach() {
  using Kind = upstream::Group::Pick::Kind;
  handler::Backends& backends = group_->backends;
  std::optional<Error> last;
  upstream::Group::Tried tried = 0;
  for (std::uint32_t tries = 0; tries <= group_->config.retry.most; ++tries) {
    CO_TRY_VOID(co_await choose(tried));
    if (pick_.kind != Kind::member) break;
    member_ = pick_.index;
    tried |= upstream::Group::Tried{1} << member_;
    upstream::Backend& backend = backends.at(member_);
    Result<Unit> met = co_await meet(backend);
    if (met) {
      backends.succeeded(member_);
      record_.backend = backend.address().text;
      co_return Unit{};
    }
    backends.failed(member_);
    backends.ended(std::exchange(member_, kNobody));
    last.emplace(upstream::kNotConnected, WirePos{}, backend.address().text, std::source_location::current());
    last = std::move(*last).because(std::move(met).error());
  }
  if (last) co_return std::unexpected(*std::move(last));
  co_return fail(upstream::kNoBackend);
}

}  // namespace sally::gateway
