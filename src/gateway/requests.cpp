#include "gateway/requests.h"

#include <string>

#include "gateway/worker.h"
#include "handler/error_page.h"

namespace sally::gateway {

Requests::Requests(Worker& worker, std::uint64_t door, SharedPort port, const SocketAddress& client,
                   std::uint64_t id)
    : worker_(worker),
      core_(worker.core()),
      door_(door),
      port_(std::move(port)),
      defaults_(port_->defaults),
      client_(client) {
  facts_.client_address = client.host();
  facts_.client_port = client.port();
  facts_.server_port = port_->config.address.port;
  facts_.connection_id = id;
}

const http::HttpLimits& Requests::limits() const { return site_ ? site_->config->limits : defaults_->limits; }

Site* Requests::route(const http::Exchange& x) const {
  const std::string& host = x.request.host;
  Site* site = host.empty() ? port_->sites.unnamed("") : port_->sites.find(host);
  // An address in place of a name: TLS could not be told it either (RFC 6066 3), so both answers come the
  // same way.
  if (site == nullptr && facts_.server_name.empty() && SocketAddress::numeric(host, 0))
    site = port_->sites.unnamed(host);
  // RFC 9110 7.4: over TLS only the site that the handshake was made for, whose rules for clients were
  // applied.
  if (facts_.secure && site != site_.get()) return nullptr;
  return site;
}

http::Handler& Requests::handler_for(Site& site, http::Exchange& x) {
  return site.routes ? site.routes->pick(x) : *site.handler;
}

void Requests::begin(http::Exchange& x) {
  x.facts = &facts_;
  x.failures = this;
  x.request_id = x.arena.copy(core_.request_ids.next());
  Site* const site = route(x);
  if (site == nullptr)
    return fail_politely(x, Error(kMisdirected, WirePos{}, x.request.host, std::source_location::current()));
  x.site = site->name;
  if (!site_) x.served_by = site->shared_from_this();
  // RFC 9110 15.5.14; a body of unknown length meets the limit on its way.
  if (const std::uint64_t most = x.request_body.total_limit();
      most != 0 && x.request.content_length.value_or(0) > most)
    return fail_politely(x, Error(http::kBodyTooLarge, WirePos{}, {}, std::source_location::current()));
  if (facts_.secure) x.added = site->added.get();
  http::Handler& handler = handler_for(*site, x);
  if (handler.answer_now(x)) return;
  x.handling = Running<Result<Unit>>(answer(x, handler));
  x.handling.start();
}

Task<Result<Unit>> Requests::answer(http::Exchange& x, http::Handler& handler) {
  try {
    Result<Unit> answered = co_await handler.handle(x);
    if (!answered) fail_politely(x, answered.error());
  } catch (const std::exception& bug) {
    worker_.errors().error(client_.text() + ": a bug ended request " + std::string(x.request_id) + " for " +
                           std::string(x.request.asked()) + ": " + bug.what());
    fail_politely(x, Error(kHandlerBug, WirePos{}, {}, std::source_location::current()));
  }
  co_return Unit{};
}

void Requests::note(http::Exchange& x, const Error& why) {
  x.failure = why.kind().id;
  if (why.kind().blame != Blame::peer && worker_.errors().wants(LogLevel::warning))
    worker_.errors().warning(std::string(x.site) + ": request " + std::string(x.request_id) + ": " +
                             why.text());
}

void Requests::fail_politely(http::Exchange& x, const Error& why) {
  note(x, why);
  if (x.responded()) return x.abort(Error(why.kind(), why.pos(), std::string(why.detail()), why.raised()));
  handler::respond_with_error(x, why.kind().http_status != 0 ? why.kind().http_status : 500);
}

void Requests::end(http::Exchange& x) {
  if (x.request_id.empty())
    x.request_id = x.arena.copy(core_.request_ids.next());  // refused before its head was whole
  worker_.note_end(x, x.site.empty() ? nullptr
                      : site_        ? site_.get()
                                     : static_cast<const Site*>(x.served_by.get()));
}

}  // namespace sally::gateway
