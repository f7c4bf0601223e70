// gateway/server.h - the whole gateway: ports, certificates, workers, signals, and its orderly end.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/connection_limits.h"
#include "gateway/error_log.h"
#include "gateway/listeners.h"
#include "gateway/settings.h"
#include "gateway/site_certificates.h"
#include "gateway/worker.h"
#include "loop/offload.h"
#include "os/signals.h"

namespace sally::gateway {

/// Runs on the thread that makes it, which must be the only one then: signals and rights are the process's.
class Server final : private Pollable, private Timer {
 public:
  /// Opens logs and ports, loads certificates, and gives up root if settings.user says so.
  /// Errors: every one that stops a start, each naming file or port, cause and mend.
  static Result<std::unique_ptr<Server>> make(Settings settings);
  ~Server();

  /// Serves until SIGTERM or SIGINT; the first drains, a second ends at once. SIGUSR1 reopens the logs.
  /// Errors: loop.system_call.
  Result<> run();

  const Settings& settings() const { return settings_; }
  const std::vector<OpenPort>& ports() const { return ports_; }
  const SiteCertificates& certificates() const { return *certificates_; }

 private:
  struct WatchEvents;
  explicit Server(Settings settings) : settings_(std::move(settings)) {}
  Result<> open();
  Result<> make_workers();
  void run_worker(Worker& worker);
  void on_events(std::uint32_t events) override;
  void on_timer() override;
  void on_signal(int number);

  Settings settings_;
  std::unique_ptr<Loop> loop_;
  std::optional<SignalSet> signals_;
  std::unique_ptr<ErrorLog> errors_;
  std::unique_ptr<LogFile> access_;
  std::vector<OpenPort> ports_;
  std::shared_ptr<tls::TicketKeys> tickets_;
  std::unique_ptr<SiteCertificates> certificates_;
  std::unique_ptr<ConnectionLimits> counts_;
  std::unique_ptr<OffloadPool> pool_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::jthread> threads_;
  std::size_t running_ = 0;
  TimePoint rotate_at_{};
  int stop_signals_ = 0;
};

}  // namespace sally::gateway
