// gateway/relay/client_end.h - the client's end of a relayed connection: what it sent and nobody took, TLS,
// what it has not taken.
#pragma once
#include <memory>
#include <optional>

#include "base/buffer.h"
#include "gateway/core.h"
#include "loop/task.h"
#include "net/stream.h"
#include "tls/server_session.h"

namespace sally::gateway {

/// An idle one holds no buffer: input and output pass through the core's.
class ClientEnd {
 public:
  /// most_held  bytes that may wait to be understood
  ClientEnd(Core& core, Fd socket, std::size_t most_held);

  /// Waits for bytes and puts them behind what is held. False: `by` came first. Errors: gateway.gone_early at
  /// the end of the stream, base.buffer_full, net.socket.
  Task<Result<bool>> hear(Deadline by);
  /// Makes TLS of what is held and what follows. inside: outlives it. Errors: tls.*,
  /// timeout.handshake_timeout, gateway.gone_early.
  Task<Result<Unit>> shake_hands(std::shared_ptr<const tls::ServerIdentity> identity,
                                 const tls::Application& inside, Deadline by);
  /// A fatal alert, before there is a session.
  void refuse(std::uint8_t alert);

  /// What was written into the core's output goes out; what the kernel does not take is kept. Errors:
  /// net.socket.
  Result<> flush();
  /// The same for bytes that lie elsewhere, while nothing is unsent. Without TLS.
  Result<> pass(Bytes plain);
  bool unsent() const { return unsent_ && !unsent_->empty(); }
  /// Sends what is unsent, as far as it goes. Errors: net.socket.
  Result<std::size_t> send_unsent();

  Stream& stream() { return stream_; }
  Buffer& held() { return held_; }
  std::optional<tls::ServerSession>& tls() { return tls_; }
  std::uint64_t sent() const { return sent_; }

 private:
  Core& core_;
  Stream stream_;
  Buffer held_;
  std::unique_ptr<Buffer> unsent_;
  std::optional<tls::ServerSession> tls_;
  std::uint64_t sent_ = 0;
};

}  // namespace sally::gateway
