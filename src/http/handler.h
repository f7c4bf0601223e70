// http/handler.h - what answers an exchange. Knows Exchange and no codec.
#pragma once
#include "http/exchange.h"
#include "loop/task.h"

namespace sally::http {

/// One object for all exchanges of a site on one core. Stateless between exchanges but for its caches.
class Handler {
 public:
  virtual ~Handler() = default;
  /// Answers at once if that needs no waiting (a cached file, a redirect), or takes the exchange over: then
  /// x.answering will answer it, or tell x.failures. False: call handle().
  virtual bool answer_now(Exchange& x) = 0;
  /// Answers, waiting as it must: sets x.response and calls x.respond(). An error before respond() becomes an
  /// error page with the row's http_status; after it, the exchange is aborted. Not called if answer_now()
  /// did.
  virtual Task<Result<Unit>> handle(Exchange& x) = 0;
};

}  // namespace sally::http
