// proto/echo_fixture.h - for tests of server codecs: a handler that answers with what it was sent.
#pragma once
#include <string>

#include "http/exchange.h"
#include "loop/task.h"

namespace sally {

/// Reads the whole body, consuming at most `step` octets at a time, and answers with it and its trailers.
inline Task<Result<Unit>> read_and_echo(http::Exchange& x, std::size_t step = SIZE_MAX) {
  std::string all;
  for (;;) {
    CO_TRY(const Bytes more, co_await x.request_body.more());
    if (more.empty()) break;
    const std::size_t n = std::min(step, more.size());
    all += as_text(more.first(n));
    x.request_body.consume(n);
  }
  for (const http::Field& f : x.request_body.trailers)
    all.append("|").append(f.name).append("=").append(f.value);
  x.respond_text(200, "text/plain", all);
  co_return Unit{};
}

inline void echo(http::Exchange& x) {
  x.handling = Running<Result<Unit>>(read_and_echo(x));
  x.handling.start();
}

}  // namespace sally
