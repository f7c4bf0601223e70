#include "gateway/relay/relay.h"

#include <algorithm>
#include <utility>

#include "gateway/connection.h"
#include "gateway/relay/ftp_control.h"
#include "gateway/worker.h"
#include "net/connect.h"
#include "net/listener.h"
#include "net/proxy_protocol.h"

namespace sally::gateway {

Relay::Relay(Worker& worker, std::uint64_t door, SharedPort port, Fd socket, const SocketAddress& client,
             std::uint64_t id)
    : worker_(worker),
      core_(worker.core()),
      door_(door),
      port_(std::move(port)),
      client_(client),
      near_(worker.core(), std::move(socket), port_->defaults->tls.client_hello_limit * 2),
      far_(worker.core().loop, near_.stream()) {
  record_.facts.client_address = client.host();
  record_.facts.client_port = client.port();
  record_.facts.server_port = port_->config.address.port;
  if (const auto local = bound_address(near_.stream().fd())) record_.facts.server_address = local->host();
  record_.facts.connection_id = id;
  record_.began = core_.loop.now();
}

Relay::~Relay() {
  running_.reset();
  if (member_ != kNobody) group_->backends.ended(member_);
}

void Relay::start() {
  running_ = Running<Result<Unit>>(run());
  running_.start();
}

void Relay::start(CallHandover from) {
  near_.tls().emplace(std::move(from.tls));
  [[maybe_unused]] const Result<> kept = near_.held().append(from.sealed);  // of one size with a connection's
  early_ = as_text(from.plain);
  record_.facts = std::move(from.facts);
  site_ = std::move(from.site);
  record_.site = site_->name;
  record_.protocol = "sstp";
  group_ = door_of().sstp;
  decrypts_ = true;
  start();
}

void Relay::drain() {
  if (ftp_ || (tunnel_ && !tunnel_->delivered())) return;
  if (tunnel_) report();  // the client has all that there was, and does not leave
  worker_.retire(*this);
}

void Relay::cut() {
  note(Error(kDrainTimeout, WirePos{}, {}, std::source_location::current()));
  report();
}

Fd Relay::take_socket() { return near_.stream().release(); }

Task<Result<Unit>> Relay::run() {
  try {
    const Result<Unit> ended = co_await live();
    if (!ended) note(ended.error());
  } catch (const std::exception& bug) {
    worker_.errors().error(client_.text() + ": a bug ended this connection: " + bug.what());
  }
  core_.out.clear();  // the core's, not ours
  if (group_ && member_ != kNobody) group_->backends.ended(std::exchange(member_, kNobody));
  if (!web_) report();
  worker_.retire(*this);
  co_return Unit{};
}

Task<Result<Unit>> Relay::live() {
  Deadline by = core_.loop.now() + port_->defaults->tls.handshake_timeout;
  CO_TRY_VOID(near_.stream().start());
  if (near_.tls()) co_return co_await carry();
  if (any_contains(port_->config.proxies, record_.facts.client_address)) CO_TRY_VOID(co_await hear_proxy(by));
  if (door_of().plain_first != nullptr) {
    CO_TRY(const bool asked, co_await speak_plain());
    if (!asked) co_return Unit{};
    by = core_.loop.now() + port_->defaults->tls.handshake_timeout;
  }
  CO_TRY_VOID(co_await recognise(by));
  if (web_) co_return Unit{};
  near_.held().consume(std::exchange(header_bytes_, 0));
  if (decrypts_) CO_TRY_VOID(co_await decrypt(by));
  co_return co_await carry();
}

void Relay::note(const Error& why) {
  record_.failure = why.kind().id;
  const bool handshake = decrypts_ && !record_.facts.secure && !tunnel_;
  (handshake ? worker_.counts().handshake_failures : worker_.counts().connection_failures).add(why.kind().id);
  if (why.kind().blame != Blame::peer)
    worker_.errors().warning("port " + std::to_string(record_.facts.server_port) + ": " + client_.text() +
                             ": " + why.text());
  else if (worker_.errors().wants(LogLevel::debug))
    worker_.errors().debug(client_.text() + ": " + why.text());
}

void Relay::report() {
  if (tunnel_) {
    record_.to_client = tunnel_->from_backend();
    record_.from_client = tunnel_->from_client();
    record_.ended_by = tunnel_->ended_first() == Tunnel::End::client    ? "client"
                       : tunnel_->ended_first() == Tunnel::End::backend ? "backend"
                                                                        : "";
  }
  if (ftp_) {
    record_.to_client = ftp_->from_backend();
    record_.from_client = ftp_->from_client();
    record_.transfers = ftp_->transfers();
    record_.ended_by = ftp_->client_ended_first() ? "client" : "backend";
  }
  worker_.note_relay(record_);
}

// --- who is it, and what is spoken

/// The load balancer in front says whose connection this is. Its header stays: a Connection may want it.
Task<Result<Unit>> Relay::hear_proxy(Deadline by) {
  for (;;) {
    CO_TRY(const bool heard, co_await near_.hear(by));
    if (!heard) co_return fail(kHandshakeTimeout);
    auto header = read_proxy_header(near_.held().readable());
    if (!header) {
      worker_.errors().warning(client_.text() + ": " + header.error().text());
      co_return std::unexpected(std::move(header).error());
    }
    if (!*header) continue;
    header_bytes_ = (*header)->size;
    if ((*header)->client) {
      record_.facts.client_address = (*header)->client->host();
      record_.facts.client_port = (*header)->client->port();
    }
    if ((*header)->server) record_.facts.server_address = (*header)->server->host();
    co_return Unit{};
  }
}

Bytes Relay::behind_header() const {
  return const_cast<ClientEnd&>(near_).held().readable().subspan(header_bytes_);
}

Task<Result<Unit>> Relay::recognise(Deadline by) {
  const auto& share = door_of().config.share;
  const Deadline silence = share ? std::min(by, core_.loop.now() + share->silence) : by;
  for (;;) {
    CO_TRY(const bool decided, decide());
    if (decided) co_return Unit{};
    const bool said = !behind_header().empty();
    CO_TRY(const bool heard, co_await near_.hear(said ? by : silence));
    if (!heard) {
      if (said) co_return fail(kSilent);
      CO_TRY_VOID(silent());
      co_return Unit{};
    }
  }
}

/// The client waits for a first word.
Result<> Relay::silent() {
  const auto& share = door_of().config.share;
  if (share && share->silent == ShareConfig::Silent::ssh) {
    send_on(door_of().ssh, "ssh");
  } else if (share && share->silent == ShareConfig::Silent::openvpn) {
    send_on(door_of().openvpn, "openvpn");
  } else {
    return fail(kSilent);
  }
  return {};
}

void Relay::send_on(SharedGroup group, std::string_view protocol) {
  group_ = std::move(group);
  record_.protocol = protocol;
  record_.passed = true;
}

/// True: it is known what becomes of the connection.
Result<bool> Relay::decide() {
  using proto::Speech;
  const bool web = door_of().protocol == nullptr;
  switch (proto::speech_of(behind_header())) {
    case Speech::undecided:
      return false;
    case Speech::tls:
      return decide_tls();
    case Speech::ssh:
      if (door_of().ssh) send_on(door_of().ssh, "ssh");
      break;
    case Speech::openvpn:
      if (door_of().openvpn) send_on(door_of().openvpn, "openvpn");
      break;
    case Speech::http:
      web_ = web;  // it is redirected
      break;
    case Speech::other:
      break;
  }
  if (!group_ && !web_) return fail(kUnknownSpeech);
  return true;
}

Result<bool> Relay::decide_tls() {
  const std::size_t limit = port_->defaults->tls.client_hello_limit;
  auto peek = tls::peek_hello(behind_header(), limit);
  if (!peek) {
    near_.refuse(static_cast<std::uint8_t>(std::max<std::int16_t>(peek.error().kind().tls_alert, 0)));
    return std::unexpected(std::move(peek).error());
  }
  if (!*peek) return false;
  hello_ = **std::move(peek);
  record_.facts.server_name = hello_.server_name;
  if (SharedGroup group = door_of().passes(hello_.server_name, hello_.alpn)) {
    send_on(std::move(group), door_of().protocol != nullptr ? door_of().protocol->id : "tls");
    return true;
  }
  if (door_of().protocol == nullptr) {
    web_ = true;
    return true;
  }
  TRY(identity_, identity_for(hello_));
  group_ = door_of().inside;
  record_.protocol = door_of().protocol->id;
  decrypts_ = true;
  return true;
}

/// RFC 6066 3: a name that is not served is refused, never answered with another site's certificate.
Result<std::shared_ptr<const tls::ServerIdentity>> Relay::identity_for(const tls::HelloPeek& peek) {
  Site* const site = peek.server_name.empty() ? port_->sites.unnamed(record_.facts.server_address)
                                              : port_->sites.find(peek.server_name);
  if (site != nullptr && site->tls && door_of().inside) {
    record_.site = site->name;
    return site->tls;
  }
  near_.refuse(tls::kUnrecognizedName);
  return fail(kUnknownName, peek.server_name.empty() ? "no name" : peek.server_name);
}

Task<Result<Unit>> Relay::decrypt(Deadline by) {
  CO_TRY_VOID(co_await near_.shake_hands(identity_, door_of().application, by));
  const tls::ServerSession& tls = *near_.tls();
  http::ConnectionFacts& facts = record_.facts;
  facts.secure = true;
  facts.tls_version = tls.version();
  facts.tls_suite = tls.suite();
  facts.tls_group = tls.group();
  facts.alpn = tls.alpn();
  facts.resumed = tls.resumed();
  // PostgreSQL, "SSL Session Encryption": who begins with TLS at once says by ALPN what is meant.
  if (door_of().plain_first != nullptr && !record_.starttls && facts.alpn != door_of().application.alpn)
    co_return fail(kUnknownSpeech, "TLS at once, and no ALPN");
  worker_.counts().add_handshake(facts.tls_version, facts.tls_group, facts.resumed);
  co_return Unit{};
}

}  // namespace sally::gateway
