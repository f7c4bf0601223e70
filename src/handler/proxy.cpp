#include "handler/proxy.h"

#include "handler/backend_tls.h"
#include "handler/error_page.h"
#include "handler/passage.h"
#include "handler/websocket.h"

namespace sally::handler {

namespace {

/// A connection that began with one client's header is nothing for another's request.
ProxyConfig with_fitting_terms(ProxyConfig config) {
  if (config.proxy_protocol) config.keep_connections = 0;
  return config;
}

}  // namespace

Proxy::Proxy(const ProxyConfig& config, const ProxyParts& parts)
    : config_(with_fitting_terms(config)), name_(parts.name), backends_(config_, parts) {}

Result<std::unique_ptr<Proxy>> Proxy::make(const ProxyConfig& config, ProxyParts parts) {
  TRY(parts.tls, BackendTls::rules_of(config));
  return std::unique_ptr<Proxy>(new Proxy(config, parts));
}

bool Proxy::answer_now(http::Exchange& x) {
  // A tunnel to wherever the client likes is not what a backend is for (RFC 9110 9.3.6), nor is a protocol
  // that is not known (RFC 9220 3).
  if (x.request.method == http::Method::connect && !asks_for_websocket(x.request)) {
    respond_with_error(x, 501);
    return true;
  }
  if (refuse_bad_handshake(x)) return true;
  auto passage = std::make_unique<Passage>(x, *this);
  Passage& started = *passage;
  x.answering = std::move(passage);
  started.start();
  return true;
}

Task<Result<Unit>> Proxy::handle(http::Exchange& x) {
  answer_now(x);
  co_return Unit{};
}

}  // namespace sally::handler
