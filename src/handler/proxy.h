// handler/proxy.h - hands every request to a backend, and its answer to the client.
#pragma once
#include <memory>
#include <string>

#include "handler/backends.h"
#include "handler/proxy_config.h"
#include "http/handler.h"

namespace sally::handler {

/// One for each site and core. Nothing of a body is stored: what one end does not take, the other end does
/// not send. Exchanges wait without coroutines; see Passage.
class Proxy final : public http::Handler {
 public:
  /// Errors: proxy.tls_unusable, crypto.call_failed.
  static Result<std::unique_ptr<Proxy>> make(const ProxyConfig& config, ProxyParts parts);

  bool answer_now(http::Exchange& x) override;
  Task<Result<Unit>> handle(http::Exchange& x) override;

  // For its passages:
  const ProxyConfig& config() const { return config_; }
  const std::string& name() const { return name_; }
  Backends& backends() { return backends_; }

 private:
  Proxy(const ProxyConfig& config, const ProxyParts& parts);

  ProxyConfig config_;
  std::string name_;
  Backends backends_;
};

}  // namespace sally::handler
