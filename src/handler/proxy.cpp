#include "handler/proxy.h"

#include "handler/error_page.h"
#include "handler/passage.h"
#include "handler/websocket.h"

namespace sally::handler {
Proxy::Proxy(const ProxyConfig& config, const ProxyParts& parts)
    : config_(config), name_(parts.name), backends_(config_, parts) {}

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
