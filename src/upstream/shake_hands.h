// upstream/shake_hands.h - awaits a client's TLS handshake on a connected socket.
#pragma once
#include <coroutine>

#include "base/error.h"
#include "loop/loop.h"
#include "upstream/wire.h"

namespace sally::upstream {

/// co_await ShakeHands(loop, socket, rules, only_http1, by): the wire. Destroying it while it waits gives the
/// attempt up. Errors: tls.server_not_trusted, tls.server_handshake_failed, net.connect_timeout,
/// crypto.call_failed.
class ShakeHands final : private Pollable, private Timer {
 public:
  ShakeHands(Loop& loop, Fd socket, std::shared_ptr<tls::ClientRules> rules, bool only_http1, Deadline by);
  ShakeHands(const ShakeHands&) = delete;
  ~ShakeHands();

  bool await_ready();
  void await_suspend(std::coroutine_handle<> h) { waiter_ = h; }
  Result<Wire> await_resume();

 private:
  void on_events(std::uint32_t events) override;
  void on_timer() override;
  bool step();

  Loop& loop_;
  Fd fd_;
  Deadline by_;
  Result<tls::ClientSocket> socket_;
  std::optional<Error> failed_;
  bool watched_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace sally::upstream
