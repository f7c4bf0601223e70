// gateway/server.h - the whole gateway: ports, certificates, workers, signals, and its orderly end.
#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/admin.h"
#include "gateway/config_watch.h"
#include "gateway/connection_limits.h"
#include "gateway/control.h"
#include "gateway/error_log.h"
#include "gateway/reloader.h"
#include "gateway/server_metrics.h"
#include "gateway/serving.h"
#include "gateway/upgrade.h"
#include "gateway/worker.h"
#include "loop/offload.h"
#include "os/handover.h"
#include "os/signals.h"
#include "upstream/board_metrics.h"

namespace sally::gateway {

/// How the gateway was started, for what it does again later.
struct ServerOrigin {
  std::function<Result<Settings>()> load;  ///< reads the configuration once more
  std::filesystem::path source;            ///< the configuration file or the folder, absolute
  bool is_file = false;                    ///< `source` is a configuration file
  std::string program;                     ///< what upgrade starts: the path of this program
  std::vector<std::string>
      arguments;  ///< with which this process was started; the first is the program's name
  std::shared_ptr<Predecessor> before;  ///< the process that this one takes over from, or null
};

/// Runs on the thread that makes it, which must be the only one then: signals and rights are the process's.
class Server final : private Pollable, private Timer {
 public:
  /// Opens logs and ports, loads certificates, and gives up root if settings.user says so.
  /// Errors: every one that stops a start, each naming file or port, cause and mend.
  static Result<std::unique_ptr<Server>> make(Settings settings, ServerOrigin origin);
  ~Server();

  /// Serves until SIGTERM or SIGINT; the first drains, a second ends at once. SIGHUP reads the configuration
  /// anew, SIGUSR1 reopens the logs, SIGUSR2 starts the
  /// program anew and lets it take over. Errors: loop.system_call.
  Result<> run();

  const Settings& settings() const { return serving_.generation->settings; }
  const std::vector<OpenPort>& ports() const { return serving_.ports; }
  const std::vector<OpenDatagrams>& datagrams() const { return serving_.datagrams; }
  const SiteCertificates& certificates() const { return *serving_.certificates; }
  /// Of the admin address; empty without one.
  std::vector<std::string> admin_addresses() const;

 private:
  explicit Server(ServerOrigin origin) : origin_(std::move(origin)) {}
  Result<> open(Settings settings);
  Result<> open_logs(const Settings& settings);
  void open_control(const Account* owner, bool replace);
  Result<> tell_ready();
  Result<> make_workers();
  void run_worker(Worker& worker);
  void on_events(std::uint32_t events) override;
  void on_timer() override;
  void on_signal(int number);
  void on_order(std::string_view word, Reply reply);
  void take_up(Serving next);
  void record_quic();
  void watch_certificates();
  void watch_config();
  void show_metrics();
  void end();
  void upgrade(Reply reply);
  void upgraded(const Verdict& verdict);
  void leave_everything();
  void take_strays();

  ServerOrigin origin_;
  std::unique_ptr<Loop> loop_;
  std::optional<SignalSet> signals_;
  std::unique_ptr<ErrorLog> errors_;
  std::unique_ptr<LogFile> access_;
  std::shared_ptr<tls::TicketKeys> tickets_;
  Serving serving_;
  std::unique_ptr<ConnectionLimits> counts_;
  std::unique_ptr<OffloadPool> pool_;
  upstream::Board board_;  ///< outlives the workers
  QuicShared quic_;        ///< likewise
  StrayChannel after_;     ///< from the process after this one
  std::shared_ptr<upstream::BoardMetrics> board_metrics_ = std::make_shared<upstream::BoardMetrics>(board_);
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Reloader> reloader_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<ConfigWatch> config_watch_;
  ServerMetrics metrics_;
  std::atomic<bool> draining_ = false;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<Upgrade> upgrade_;
  std::vector<Reply> upgrade_replies_;
  std::vector<std::jthread> threads_;
  std::size_t running_ = 0;
  TimePoint rotate_at_{};
  int stop_signals_ = 0;
  bool handed_over_ = false;  ///< another process serves; this one ends when its connections have
};

}  // namespace sally::gateway
