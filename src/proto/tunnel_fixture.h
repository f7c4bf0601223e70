// proto/tunnel_fixture.h - for tests of server codecs: a handler that grants a tunnel and says what it is
// told.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/exchange.h"
#include "loop/task.h"

namespace sally {

/// The server's side of a tunnel: bytes when the test has some.
class ToldBytes final : public http::BodySource {
 public:
  Result<http::BodyView> view(std::size_t want) override {
    const std::size_t n = std::min(want, give_.size());
    return http::BodyView{as_bytes(std::string_view(give_).substr(0, n)), ends_ && n == give_.size()};
  }
  void consume(std::size_t n) override { give_.erase(0, n); }
  void wake_with(http::Waker& w) override { waker_ = &w; }
  void say(std::string_view text, bool end) {
    give_ += text;
    ends_ = end;
    waker_->wake();
  }

 private:
  std::string give_;
  bool ends_ = false;
  http::Waker* waker_ = nullptr;
};

struct GrantedTunnel {
  void grant(http::Exchange& x);
  /// The client hears it in the next turn.
  void say(std::string_view text, bool end = false) { told->say(text, end); }

  ToldBytes* told = nullptr;
  std::string heard;
  bool client_ended = false;
};

inline Task<Result<Unit>> hear(http::Exchange& x, GrantedTunnel& tunnel) {
  for (;;) {
    CO_TRY(const Bytes more, co_await x.request_body.more());
    if (more.empty()) break;
    tunnel.heard += as_text(more);
    x.request_body.consume(more.size());
  }
  tunnel.client_ended = true;
  co_return Unit{};
}

inline void GrantedTunnel::grant(http::Exchange& x) {
  auto source = std::make_unique<ToldBytes>();
  told = source.get();
  x.response.body = http::Body::from(std::move(source), std::nullopt);
  x.respond_tunnel();
  x.handling = Running<Result<Unit>>(hear(x, *this));
  x.handling.start();
}

}  // namespace sally
