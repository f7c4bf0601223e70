// gateway/worker.h - one core of the gateway: a loop on a thread, its listeners, its connections, its sites.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/access_log.h"
#include "gateway/connection.h"
#include "gateway/connection_limits.h"
#include "gateway/core.h"
#include "gateway/counts.h"
#include "gateway/duty.h"
#include "gateway/error_log.h"
#include "gateway/port.h"
#include "gateway/quic_side.h"
#include "gateway/relay/datagram_relay.h"
#include "gateway/relay/relay.h"
#include "gateway/site_handlers.h"
#include "net/listener.h"

namespace sally::gateway {

/// What a worker is made of. All of it is shared with the other workers, constant or thread-safe, and
/// outlives them.
struct WorkerParts {
  ErrorLog& errors;
  LogFile* access = nullptr;  ///< null: no access log
  ConnectionLimits& counts;
  OffloadPool& pool;
  upstream::Board& board;
  QuicShared& quic;
  unsigned number = 0;
  /// In place of what the sites' configurations ask for; empty: that.
  std::function<std::unique_ptr<http::Handler>()> handler = nullptr;
};

/// Made, given its first duty and run on one thread; only post-like calls come from others.
class Worker final : private Timer, private Deferred {
 public:
  using Done = std::move_only_function<void(Result<>)>;

  /// Errors: loop.system_call, and what the sites' handlers need.
  static Result<std::unique_ptr<Worker>> make(WorkerParts parts, Duty first);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// Turns the loop until a drain has ended or stop().
  void run();

  // From any thread. Those of one thread are done in its order.
  /// Makes the sites of a duty and calls `done`, on the worker's thread, with what came of it; nothing is
  /// served by them until commit().
  void prepare(Duty duty, Done done);
  /// Serves what was prepared. Sites that did not change go on as they are; connections of the others are
  /// asked to end.
  void commit(Done done);
  /// Drops what was prepared.
  void abandon();
  /// New handshakes of a site use `identity`; sessions that stand keep theirs.
  void replace_tls(std::size_t site, SharedIdentity identity);
  /// Closes the listeners and asks the connections to end: at once where they are idle, or `gently`, when
  /// another process has taken over. run() returns when they have, at the latest after limits.drain_timeout.
  void drain(bool gently);
  void stop();
  /// A datagram of one of this worker's connections that came to another.
  void take_stray(StrayDatagram stray);

  // For its connections:
  Core& core() { return *core_; }
  const Settings& settings() const { return generation_->settings; }
  const SharedGeneration& generation() const { return generation_; }
  ErrorLog& errors() { return parts_.errors; }
  SiteHandlers& handlers() { return *handlers_; }
  CoreCounts& counts() { return counts_; }
  /// An exchange has ended; `site` is null when none answered it.
  void note_end(const http::Exchange& x, const Site* site);
  /// The same of a connection that was no web's.
  void note_relay(const RelayRecord& record);
  /// The connection has ended; it is destroyed at the end of the turn.
  void retire(Connection& connection);
  /// Connections of QUIC have ended.
  void quic_changed() { end_drain_if_done(); }
  /// Likewise; one of the web lives on as a Connection.
  void retire(Relay& relay);

 private:
  class Door;  ///< a listener and its port
  /// By the address in the settings.
  using RelayDoors = std::vector<std::pair<ListenAddress, std::shared_ptr<const RelayDoor>>>;
  /// A duty that waits for its commit().
  struct Prepared {
    Duty duty;
    std::vector<std::shared_ptr<Site>> sites;
    RelayDoors relays;
  };
  explicit Worker(WorkerParts parts);
  Result<> make_sites(Duty duty);
  void take_up();
  SharedPort make_port(const DoorDuty& duty) const;
  void change_doors(std::vector<DoorDuty> duties);
  void change_quic(DoorDuty& duty, const SharedPort& port);
  void announce_quic(const std::vector<DoorDuty>& duties);
  void adopt(std::uint64_t door, const SharedPort& port, Fd socket, const SocketAddress& client);
  Result<RelayDoors> open_relays(const Settings& next);
  void serve_web(std::uint64_t door, SharedPort port, Fd socket, const SocketAddress& client,
                 std::uint64_t id, Bytes heard);
  void bury_connections();
  void carry_call(Connection& connection);
  void bury_relays();
  void log_line_written();
  void accept_failed(int error_number);
  void on_timer() override;
  void on_turn_end() override;
  void hand_over_log();
  void log_access(const http::Exchange& x, TimePoint now);
  void begin_drain(bool gently);
  void end_drain_if_done();

  static constexpr std::size_t kLogLines = 32 * 1024;  ///< bytes of lines that are handed over at once

  WorkerParts parts_;
  CoreCounts counts_;
  SharedGeneration generation_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<SiteHandlers> handlers_;
  std::vector<std::shared_ptr<Site>> sites_;  ///< as in generation_
  std::optional<Prepared> prepared_;
  std::vector<std::unique_ptr<Door>> doors_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> retired_;
  std::unique_ptr<QuicSide> quic_;
  RelayDoors relay_doors_;
  std::unordered_map<Relay*, std::unique_ptr<Relay>> relays_;
  std::vector<std::unique_ptr<Relay>> retired_relays_;
  std::unique_ptr<DatagramRelay> datagrams_;
  std::string access_lines_;
  std::uint64_t next_id_ = 0;
  TimePoint drain_until_ = kNever, told_full_{};
  bool draining_ = false;
};

}  // namespace sally::gateway
