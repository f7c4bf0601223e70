#include "handler/proxy.h"

#include "handler/error_page.h"
#include "handler/passage.h"

namespace sally::handler {
namespace {

upstream::Address address_of(const std::string& text) {
  std::string why;
  return upstream::Address::parse(text, why).value_or(upstream::Address{});
}

}  // namespace

Proxy::Proxy(const ProxyConfig& config, const upstream::CoreParts& core)
    : config_(config),
      backend_(std::make_unique<upstream::Backend>(core, address_of(config.to.front()), config)) {}

bool Proxy::answer_now(http::Exchange& x) {
  // A tunnel to wherever the client likes is not what a backend is for (RFC 9110 9.3.6).
  if (x.request.method == http::Method::connect) {
    respond_with_error(x, 501);
    return true;
  }
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
