// gateway/worker.h - one core of the gateway: a loop on a thread, its listeners, its connections, its sites.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/access_log.h"
#include "gateway/connection.h"
#include "gateway/connection_limits.h"
#include "gateway/core.h"
#include "gateway/error_log.h"
#include "gateway/listeners.h"
#include "gateway/port.h"
#include "gateway/site_handlers.h"
#include "net/listener.h"

namespace sally::gateway {

/// What a worker is made of. All of it is shared with the other workers, constant or thread-safe, and
/// outlives them.
struct WorkerParts {
  const Settings& settings;
  ErrorLog& errors;
  LogFile* access = nullptr;  ///< null: no access log
  ConnectionLimits& counts;
  OffloadPool& pool;
  unsigned number = 0;
};

/// Made, fed with listeners and run on one thread; only post-like calls come from others.
class Worker final : private Timer, private Deferred {
 public:
  /// Errors: loop.system_call, and what the sites' handlers need.
  static Result<std::unique_ptr<Worker>> make(WorkerParts parts);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// A listening socket that is this worker's alone. Before run(). Errors: loop.system_call.
  Result<> listen(Fd socket, const OpenPort& port);
  /// Turns the loop until a drain has ended or stop().
  void run();

  // From any thread:
  /// New handshakes of a site use `identity`; sessions that stand keep theirs.
  void replace_tls(std::size_t site, std::shared_ptr<const tls::ServerIdentity> identity);
  /// Closes the listeners and asks the connections to end. run() returns when they have, at the latest after
  /// limits.drain_timeout.
  void drain();
  void stop();

  // For its connections:
  Core& core() { return *core_; }
  const Settings& settings() const { return parts_.settings; }
  ErrorLog& errors() { return parts_.errors; }
  SiteHandlers& handlers() { return *handlers_; }
  void log_access(const http::Exchange& x);
  /// The connection has ended; it is destroyed at the end of the turn.
  void retire(Connection& connection);

 private:
  class Door;  ///< a listener and its port
  explicit Worker(WorkerParts parts);
  Result<> make_sites();
  void adopt(const Port& port, Fd socket, const SocketAddress& client);
  void accept_failed(int error_number);
  void on_timer() override;
  void on_turn_end() override;
  void hand_over_log();
  void begin_drain();
  void end_drain_if_done();

  static constexpr std::size_t kLogLines = 32 * 1024;  ///< bytes of lines that are handed over at once

  WorkerParts parts_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<SiteHandlers> handlers_;
  std::vector<std::unique_ptr<Site>> sites_;
  std::vector<std::unique_ptr<Door>> doors_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> retired_;
  std::string access_lines_;
  std::uint64_t next_id_ = 0;
  TimePoint drain_until_ = kNever, told_full_{};
  bool draining_ = false;
};

}  // namespace sally::gateway
