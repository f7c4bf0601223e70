// gateway/quic_connection.h - one client's QUIC connection: TLS, HTTP/3, its exchanges.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/core.h"
#include "gateway/requests.h"
#include "gateway/wait_clock.h"
#include "loop/loop.h"
#include "proto/http3/server_codec.h"
#include "quic/connection.h"

namespace sally::gateway {

class QuicSide;

/// Owns its QUIC state, then its codec; the codec owns the exchanges.
class QuicConnection final : public Requests,
                             private quic::ConnectionEvents,
                             private CodecEvents,
                             private Timer,
                             private Deferred {
 public:
  /// door  the id of the port that it came by
  QuicConnection(Worker& worker, QuicSide& side, std::uint64_t door, SharedPort port,
                 const SocketAddress& client, std::uint64_t id);
  ~QuicConnection();

  /// Errors: quic.library_failed: then it is of no use.
  Result<> start(const quic::Arrival& arrival);
  /// A datagram; what it leads to is sent by flush().
  void receive(const quic::Path& path, Bytes bytes, std::uint8_t ecn);
  /// Sends what is due, and sees to the next timer.
  void flush();
  /// Takes no new requests; ends when the open ones are answered.
  void drain();
  /// The log hears of what is open; says the end and goes.
  void cut();
  /// The configuration has changed. `port` is what its port has become, or null. It lives on as it is if its
  /// site does, and ends in good order otherwise.
  void reconfigure(SharedPort port);

  bool shaking_hands() const { return !quic_->handshake_done(); }
  bool gone() const { return quic_->gone(); }
  bool wants_proof() const { return quic_->wants_proof(); }
  /// Under which it is found: the ids of ours, and the one that the client chose first.
  const std::vector<quic::AnyConnectionId>& ids() const { return ids_; }

 private:
  // quic::ConnectionEvents
  Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek& hello) override;
  Fault on_handshake() override;
  Fault on_stream_data(std::int64_t stream, Bytes bytes, bool end) override;
  Fault on_acknowledged(std::int64_t stream, std::uint64_t bytes) override;
  Fault on_reset(std::int64_t stream, std::uint64_t error) override;
  Fault on_closed(std::int64_t stream, std::uint64_t error) override;
  Fault on_room(std::int64_t stream) override;
  void on_id(const quic::ConnectionId& id) override;
  void on_id_gone(Bytes id) override;
  // CodecEvents
  void on_request(http::Exchange& x) override;
  void on_finished(http::Exchange& x) override { end(x); }
  void on_sendable() override;
  void on_timer() override;
  void on_turn_end() override;

  void look_after_end();
  void count_end(const Error& why);
  void look_at_clock();
  void arm_next();

  QuicSide& side_;
  const SharedGeneration generation_;  ///< QUIC and the codec refer to its settings
  std::vector<quic::AnyConnectionId> ids_;
  std::unique_ptr<quic::Connection> quic_;
  std::unique_ptr<http3::ServerCodec> codec_;  ///< null when no more can be heard or said
  WaitClock clock_;
  TimePoint drain_again_ = kNever;
  bool draining_ = false, told_end_ = false;
};

}  // namespace sally::gateway
