// The first part of a connection's life: whose hello is it, and does TLS come about?
#include <algorithm>
#include <string>

#include "gateway/connection.h"
#include "gateway/worker.h"
#include "net/listener.h"
#include "net/proxy_protocol.h"

namespace sally::gateway {

void Connection::start(Bytes heard) {
  [[maybe_unused]] const Result<> kept = held_.append(heard);  // as much as this would have held itself
  running_ = Running<Result<Unit>>(run());
  running_.start();
}

/// The load balancer in front says whose connection this is. What follows its header stays in held_.
Task<Result<Unit>> Connection::hear_proxy() {
  const Deadline by = core_.loop.now() + defaults_->tls.handshake_timeout;
  for (bool first = !held_.empty();; first = false) {
    if (!first && co_await stream_.until(Stream::kReadable, by) & Stream::kTimedOut)
      co_return fail(kHandshakeTimeout);
    CO_TRY(const Bytes in, receive());
    if (input_ended_) co_return fail(kGoneEarly);
    if (held_.empty() && !in.empty()) CO_TRY_VOID(keep(in));
    auto header = read_proxy_header(held_.readable());
    if (!header) {
      worker_.errors().warning(client_.text() + ": " + header.error().text());
      worker_.counts().connection_failures.add(header.error().kind().id);
      co_return std::unexpected(std::move(header).error());
    }
    if (!*header) continue;
    held_.consume((*header)->size);
    if ((*header)->client) {
      facts_.client_address = (*header)->client->host();
      facts_.client_port = (*header)->client->port();
    }
    if ((*header)->server) facts_.server_address = (*header)->server->host();
    co_return Unit{};
  }
}

/// Until TLS stands, or the client turns out to speak plain HTTP.
Task<Result<Unit>> Connection::greet() {
  const Deadline by = core_.loop.now() + defaults_->tls.handshake_timeout;
  for (bool first = !held_.empty();; first = false) {
    if (!first && co_await stream_.until(Stream::kReadable, by) & Stream::kTimedOut)
      co_return fail(kHandshakeTimeout);
    CO_TRY(const Bytes in, receive());
    if (input_ended_) co_return fail(kGoneEarly);
    if (in.empty()) continue;
    if (!tls::looks_like_tls(in)) {
      plain_on_tls_ = true;
      if (held_.empty()) CO_TRY_VOID(keep(in));
      co_return Unit{};
    }
    auto peek = tls::peek_hello(in, defaults_->tls.client_hello_limit);
    if (!peek) {
      refuse(static_cast<std::uint8_t>(std::max<std::int16_t>(peek.error().kind().tls_alert, 0)));
      co_return std::unexpected(std::move(peek).error());
    }
    if (!*peek) {
      if (held_.empty()) CO_TRY_VOID(keep(in));
      continue;
    }
    CO_TRY(site_, choose_site(**peek));
    CO_TRY_VOID(co_await shake_hands(by, in));
    set_secure_facts(**peek);
    co_return Unit{};
  }
}

Task<Result<Unit>> Connection::shake_hands(Deadline by, Bytes in) {
  CO_TRY(tls_, tls::ServerSession::make(site_->tls, core_.tls));
  for (;;) {
    core_.tls.in = in;
    const Result<bool> done = tls_->handshake();
    const Bytes rest = core_.tls.in;
    CO_TRY_VOID(flush());
    if (!done) co_return fail(done.error().kind(), std::string(done.error().detail()));
    if (held_.size() > 0) held_.consume(held_.size() - rest.size());
    if (*done) {
      if (held_.empty()) CO_TRY_VOID(keep(rest));
      co_return Unit{};
    }
    for (bool blocked = true; blocked; blocked = unsent_ != nullptr) {
      const std::uint8_t why = co_await stream_.until(unsent_ ? Stream::kWritable : Stream::kReadable, by);
      core_.tick();
      if (why & Stream::kTimedOut) co_return fail(kHandshakeTimeout);
      CO_TRY_VOID(flush());
    }
    CO_TRY(in, receive());
    if (input_ended_) co_return fail(kGoneEarly);
  }
}

/// RFC 6066 3: a name that is not served is refused, never answered with another site's certificate.
Result<std::shared_ptr<Site>> Connection::choose_site(const tls::HelloPeek& peek) {
  Site* site = nullptr;
  if (!peek.server_name.empty()) {
    site = port_->sites.find(peek.server_name);
  } else {
    TRY(const SocketAddress local, bound_address(stream_.fd()));
    site = port_->sites.unnamed(local.host());
  }
  if (site != nullptr) return site->shared_from_this();
  refuse(tls::kUnrecognizedName);
  return fail(kUnknownName, peek.server_name.empty() ? "no name" : peek.server_name);
}

void Connection::refuse(std::uint8_t alert) {
  tls::write_plain_alert(alert, core_.out);
  [[maybe_unused]] const Result<> sent = flush();  // it ends here in any case
}

void Connection::set_secure_facts(const tls::HelloPeek& peek) {
  facts_.secure = true;
  facts_.tls_version = tls_->version();
  facts_.tls_suite = tls_->suite();
  facts_.tls_group = tls_->group();
  facts_.server_name = peek.server_name;
  facts_.alpn = tls_->alpn();
  facts_.resumed = tls_->resumed();
  worker_.counts().add_handshake(facts_.tls_version, facts_.tls_group, facts_.resumed);
}

}  // namespace sally::gateway
