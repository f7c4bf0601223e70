// gateway/relay/tunnel.h - bytes both ways between a client and a backend until both have ended.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "base/buffer.h"
#include "gateway/relay/client_end.h"
#include "gateway/relay/far_end.h"
#include "gateway/relay/relay_config.h"
#include "gateway/relay/relay_counts.h"
#include "proto/server_side.h"

namespace sally::gateway {

// clang-format off
inline constexpr ErrorKind kRelayIdle{"relay.idle_timeout", Blame::peer, Retry::fresh_connection,
    "nothing moved on the connection for as long as it may", "nothing, or raise idle_timeout of the port", "", -1, 0};
inline constexpr ErrorKind kBackendBroke{"relay.backend_broke", Blame::upstream, Retry::fresh_connection,
    "the backend broke the connection off without ending it", "look into the backend's log for a crash", "", -1, 0};
// clang-format on

/// What one end does not take, the other does not send: at most RelayTarget::buffer_bytes wait, and what one
/// read brought. An end of one side is passed on as an end (RFC 9293 3.6), and the other side goes on.
class Tunnel {
 public:
  /// between  sees what goes by; null: nobody does
  Tunnel(Core& core, ClientEnd& client, FarEnd& far, const RelayTarget& terms, RelayCounts& counts,
         proto::Between* between);
  ~Tunnel();

  /// What the backend hears first, at most Core::kRecordBytes. Before run(). Errors: base.buffer_full.
  Result<> begin(Bytes plain) { return pass_up(plain); }

  /// Until both sides have ended. Errors: relay.idle_timeout, relay.backend_broke, net.socket and tls.* of
  /// the client's side.
  Task<Result<Unit>> run();

  enum class End : std::uint8_t { none, client, backend };
  /// Who ended first.
  End ended_first() const { return first_; }
  /// The backend has ended, and the client was given everything up to that.
  bool delivered() const { return down_closed_; }
  std::uint64_t from_client() const { return up_bytes_; }  ///< as the backend got them
  std::uint64_t from_backend() const { return down_bytes_; }

 private:
  Result<bool> up();
  Result<bool> down();
  Result<std::size_t> take(Bytes in);
  Result<> pass_up(Bytes plain);
  Result<bool> send_up();
  Result<> read_down();
  Result<std::optional<std::size_t>> hear_far(std::span<std::byte> room);
  Result<> give(Bytes plain);
  Result<bool> end_up();
  Result<bool> end_down();
  void ends(End who);
  bool over() const { return up_closed_ && down_closed_; }
  void count();
  std::uint8_t wanted() const;
  Deadline deadline() const;

  Core& core_;
  ClientEnd& client_;
  FarEnd& far_;
  const RelayTarget& terms_;
  RelayCounts& counts_;
  proto::Between* const between_;
  Buffer up_;  ///< plaintext that the backend did not take
  std::uint64_t up_bytes_ = 0, down_bytes_ = 0;
  std::uint64_t up_counted_ = 0, down_counted_ = 0;
  TimePoint moved_at_;
  End first_ = End::none;
  bool client_ended_ = false, far_ended_ = false;  ///< seen
  bool up_closed_ = false, down_closed_ = false;   ///< passed on
  bool close_said_ = false;
};

}  // namespace sally::gateway
