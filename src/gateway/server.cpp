#include "gateway/server.h"

#include <unistd.h>
#include <csignal>

#include <algorithm>

#include "os/limits.h"
#include "os/privileges.h"

namespace sally::gateway {

using namespace std::chrono_literals;

namespace {

constexpr unsigned kOffloadThreads = 4;
constexpr std::uint64_t kSpareFiles = 1024;  ///< beside connections: files, logs, loops

std::unique_ptr<ErrorLog> make_error_log(std::unique_ptr<LogFile> file, LogLevel level) {
  return std::make_unique<ErrorLog>(std::move(file), level);
}

}  // namespace

Result<std::unique_ptr<Server>> Server::make(Settings settings) {
  std::unique_ptr<Server> server(new Server(std::move(settings)));
  TRY_VOID(server->open());
  TRY_VOID(server->make_workers());
  return server;
}

Server::~Server() {
  for (const auto& worker : workers_) worker->stop();
  threads_.clear();
}

Result<> Server::open() {
  if (settings_.workers == 0) settings_.workers = std::max(1u, std::thread::hardware_concurrency());
  ignore_broken_pipes();
  TRY_VOID(forbid_new_privileges());  // before the logs' threads are started, which inherit it
  TRY(signals_, SignalSet::take({SIGTERM, SIGINT, SIGUSR1}));
  TRY(loop_, Loop::make());
  TRY(auto error_file, LogFile::open(settings_.log.error == "-" ? "--" : settings_.log.error, nullptr));
  errors_ = make_error_log(std::move(error_file), settings_.log.level);
  if (!settings_.log.access.empty()) {
    TRY(access_,
        LogFile::open(settings_.log.access, [log = errors_.get()](std::string text) { log->error(text); }));
  }
  for (const std::string& warning : settings_.warnings) errors_->warning(warning);

  TRY(const std::uint64_t files, raise_file_limit(settings_.limits.max_connections + kSpareFiles));
  if (files < settings_.limits.max_connections + kSpareFiles)
    errors_->warning("this process may open " + std::to_string(files) +
                     " files, fewer than limits.max_connections needs; raise LimitNOFILE= or ulimit -n");
  TRY(auto inherited, inherited_sockets());
  TRY(ports_, open_ports(settings_, settings_.workers, std::move(inherited)));
  tickets_ = std::make_shared<tls::TicketKeys>(settings_.tls.ticket_keys);
  TRY(certificates_, SiteCertificates::make(settings_, tickets_, *errors_));
  if (!settings_.user.empty() && ::geteuid() == 0) {
    TRY(const Account account, find_account(settings_.user, settings_.group));
    if (const auto kept = certificates_->keep_reading_as(account); !kept)
      errors_->warning(kept.error().text());
    TRY_VOID(become(account, false));
  } else {
    TRY_VOID(forbid_new_privileges());
  }
  return {};
}

Result<> Server::make_workers() {
  counts_ = std::make_unique<ConnectionLimits>(settings_.limits.max_connections,
                                               settings_.limits.max_connections_per_address);
  pool_ = std::make_unique<OffloadPool>(kOffloadThreads);
  for (unsigned i = 0; i < settings_.workers; ++i) {
    TRY(auto worker, Worker::make({settings_, *errors_, access_.get(), *counts_, *pool_, i}));
    for (std::size_t site = 0; site < settings_.sites.size(); ++site)
      worker->replace_tls(site, certificates_->identity(site));
    for (OpenPort& port : ports_) TRY_VOID(worker->listen(std::move(port.sockets[i]), port));
    workers_.push_back(std::move(worker));
  }
  return {};
}

Result<> Server::run() {
  TRY_VOID(loop_->watch_level(signals_->fd(), *this));
  if (certificates_->watch_fd() >= 0) TRY_VOID(loop_->watch_level(certificates_->watch_fd(), *this));
  rotate_at_ = loop_->now() + settings_.tls.ticket_rotation;
  on_timer();
  running_ = workers_.size();
  for (const auto& worker : workers_) threads_.emplace_back(&Server::run_worker, this, std::ref(*worker));
  notify_manager("READY=1\nSTATUS=serving " + std::to_string(settings_.sites.size()) + " sites");
  loop_->run();
  threads_.clear();
  loop_->unwatch(signals_->fd(), *this);
  errors_->notice("ended");
  return {};
}

void Server::run_worker(Worker& worker) {
  worker.run();
  loop_->post([this] {
    if (--running_ == 0) loop_->stop();
  });
}

/// A signal waits, or a certificate file may have changed.
void Server::on_events(std::uint32_t) {
  while (const auto number = signals_->next()) on_signal(*number);
  on_timer();
}

void Server::on_timer() {
  certificates_->refresh([this](std::size_t site, const SharedIdentity& identity) {
    for (const auto& worker : workers_) worker->replace_tls(site, identity);
  });
  if (loop_->now() >= rotate_at_) {
    tickets_->rotate();
    rotate_at_ = loop_->now() + settings_.tls.ticket_rotation;
  }
  loop_->arm(*this, std::min(rotate_at_, loop_->now() + certificates_->due()));
}

void Server::on_signal(int number) {
  if (number == SIGUSR1) {
    errors_->reopen();
    if (access_) access_->reopen();
    return;
  }
  if (stop_signals_++ == 0) {
    errors_->notice(
        "draining: open requests are answered, new connections are refused; a second signal ends at once");
    notify_manager("STOPPING=1");
    for (const auto& worker : workers_) worker->drain();
    return;
  }
  for (const auto& worker : workers_) worker->stop();
}

}  // namespace sally::gateway
