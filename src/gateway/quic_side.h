// gateway/quic_side.h - what one worker has of QUIC: its UDP sockets, its connections, and who may become
// one.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/connection_limits.h"
#include "gateway/port.h"
#include "gateway/quic_connection.h"
#include "gateway/stray_channel.h"
#include "net/datagram_socket.h"
#include "quic/address_tokens.h"
#include "quic/connection_ids.h"

namespace sally::gateway {

class Worker;

/// The connection id that a datagram is for; empty where it has none of ours or anybody's.
Bytes destination_of(Bytes datagram);

/// One for the process: thread-safe, constant but for what set_workers() sets before the threads start.
class QuicShared {
 public:
  const quic::ConnectionIds ids;
  const quic::AddressTokens tokens;
  void set_workers(std::vector<Worker*> workers) { workers_ = std::move(workers); }
  quic::QlogWriter qlog;
  StrayChannel before;  ///< to the process before this one, which may still have connections
  Worker* worker(std::size_t number) const { return number < workers_.size() ? workers_[number] : nullptr; }

 private:
  std::vector<Worker*> workers_;
};

/// Belongs to its worker's thread.
class QuicSide final : private Deferred {
 public:
  QuicSide(Worker& worker, QuicShared& shared, ConnectionLimits& counts, std::uint16_t number);
  ~QuicSide();

  /// A UDP socket of a port.
  void open(std::uint64_t door, SharedPort port, Fd socket);
  /// What the port `door` has become, or null: it is closed when its connections have ended.
  void change(std::uint64_t door, SharedPort port);
  /// A datagram that came to another worker, or to the process after this one.
  void take_stray(const StrayDatagram& stray);
  /// No new connections; the open ones end when their requests are answered.
  /// handed_over  another process reads the sockets from now on
  void drain(bool handed_over);
  void cut();
  bool empty() const { return connections_.empty(); }
  std::size_t count() const { return connections_.size(); }

  // For its connections:
  const quic::ConnectionIds& ids() const { return shared_.ids; }
  quic::QlogWriter& qlog() { return shared_.qlog; }
  std::uint16_t worker_number() const { return number_; }
  void add_id(const quic::AnyConnectionId& id, QuicConnection& connection);
  void remove_id(const quic::AnyConnectionId& id) { by_id_.erase(id); }
  quic::DatagramSink& sink(std::uint64_t door);
  void flush(std::uint64_t door);
  void handshake_done();
  std::string token_for(const SocketAddress& client) const;
  void retire(QuicConnection& connection);

 private:
  class Door;
  struct Hash {
    const quic::ConnectionIds* ids;
    std::size_t operator()(const quic::AnyConnectionId& id) const { return ids->hash(id); }
  };

  void take(Door& door, const Datagram& datagram);
  void give(QuicConnection& connection, const Datagram& datagram);
  QuicConnection* connection_of(const Datagram& datagram);
  void take_unknown(Door& door, const Datagram& datagram, Bytes id, bool short_head);
  void begin(Door& door, const Datagram& datagram);
  void ask_for_proof(Door& door, const Datagram& datagram, const quic::Arrival& arrival);
  void refuse_version(Door& door, const Datagram& datagram, Bytes destination, Bytes source);
  void say_reset(Door& door, const Datagram& datagram, Bytes id);
  void flush_touched();
  Door* find_door(std::uint64_t id);
  void on_turn_end() override;

  Worker& worker_;
  QuicShared& shared_;
  ConnectionLimits& counts_;
  const std::uint16_t number_;
  DatagramBuffers buffers_;
  std::vector<std::unique_ptr<Door>> doors_;
  std::unordered_map<quic::AnyConnectionId, QuicConnection*, Hash> by_id_;
  std::unordered_map<QuicConnection*, std::unique_ptr<QuicConnection>> connections_;
  std::vector<QuicConnection*> touched_;
  std::vector<std::unique_ptr<QuicConnection>> retired_;
  std::uint64_t next_id_ = 0;
  std::size_t handshakes_ = 0;  ///< that are not done
  TimePoint resets_since_{};
  unsigned resets_ = 0;  ///< since then
  bool draining_ = false;
};

}  // namespace sally::gateway
