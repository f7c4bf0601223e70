#include "gateway/server.h"

#include <unistd.h>

#include <csignal>

#include <algorithm>

#include "gateway/backend_orders.h"
#include "os/folders.h"
#include "os/limits.h"
#include "os/privileges.h"

namespace sally::gateway {

using namespace std::chrono_literals;

namespace {

constexpr unsigned kOffloadThreads = 4;
constexpr std::uint64_t kSpareFiles = 1024;  ///< beside connections: files, logs, loops

std::string serving_text(const Settings& settings) {
  return "STATUS=serving " + std::to_string(settings.sites.size()) + " sites";
}

void raise_files(const Settings& settings, ErrorLog& errors) {
  std::uint64_t wanted = settings.limits.max_connections + kSpareFiles;
  for (const DatagramPort& port : settings.datagrams)
    wanted += std::uint64_t{port.max_sessions} * (port.speaks == DatagramPort::Speaks::ipsec ? 2 : 1);
  const auto files = raise_file_limit(wanted);
  if (!files)
    errors.warning(files.error().text());
  else if (*files < wanted)
    errors.warning(
        "this process may open " + std::to_string(*files) +
        " files, fewer than limits.max_connections and max_sessions need; raise LimitNOFILE= or ulimit -n");
}

}  // namespace

Result<std::unique_ptr<Server>> Server::make(Settings settings, ServerOrigin origin) {
  std::unique_ptr<Server> server(new Server(std::move(origin)));
  TRY_VOID(server->open(std::move(settings)));
  TRY_VOID(server->make_workers());
  return server;
}

Server::~Server() {
  for (const auto& worker : workers_) worker->stop();
  threads_.clear();
}

Result<> Server::open_logs(const Settings& settings) {
  TRY(auto error_file, LogFile::open(settings.log.error == "-" ? "--" : settings.log.error, nullptr));
  errors_ = std::make_unique<ErrorLog>(std::move(error_file), settings.log.level);
  if (!settings.log.access.empty()) {
    TRY(access_,
        LogFile::open(settings.log.access, [log = errors_.get()](std::string text) { log->error(text); }));
  }
  return {};
}

Result<> Server::open(Settings settings) {
  if (settings.workers == 0) settings.workers = std::max(1u, std::thread::hardware_concurrency());
  ignore_broken_pipes();
  TRY_VOID(forbid_new_privileges());  // before the logs' threads are started, which inherit it
  TRY(signals_, SignalSet::take({SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}));
  TRY(loop_, Loop::make());
  TRY_VOID(open_logs(settings));
  for (const std::string& warning : settings.warnings) errors_->warning(warning);
  raise_files(settings, *errors_);
  TRY(auto inherited, inherited_sockets());
  if (origin_.before)
    for (InheritedSocket& one : origin_.before->sockets()) {
      if (one.name == kStrays)
        quic_.before.use(std::move(one.fd));
      else
        inherited.push_back(std::move(one));
    }
  if (!settings.admin.addresses.empty()) {
    TRY(admin_, Admin::open(settings.admin.addresses, inherited));
  }
  tickets_ = std::make_shared<tls::TicketKeys>(settings.tls.ticket_keys);
  if (origin_.before) {
    if (!tickets_->adopt(origin_.before->secret()))
      errors_->warning("the ticket keys of before are of no use here");
    origin_.before->wipe();
  }
  TRY(serving_, Serving::prepare(std::move(settings), nullptr, tickets_, *errors_, std::move(inherited)));
  const Settings& read = serving_.generation->settings;
  if (read.user.empty() || ::geteuid() != 0) {
    if (!origin_.before) open_control(nullptr, false);
    return forbid_new_privileges();
  }
  TRY(const Account account, find_account(read.user, read.group));
  if (const auto kept = serving_.certificates->keep_reading_as(account); !kept)
    errors_->warning(kept.error().text());
  open_control(&account, origin_.before != nullptr);
  return become(account, true);
}

/// A gateway without it serves as well.
void Server::open_control(const Account* owner, bool replace) {
  std::filesystem::path state = settings().state;
  if (state.empty()) {
    const auto folder = data_folder();
    if (!folder) return errors_->warning("no orders are taken: " + folder.error().text());
    state = *folder;
  }
  auto made = Control::make(*loop_, control_path(state, origin_.source), owner, replace,
                            [this](std::string_view word, Reply reply) { on_order(word, std::move(reply)); });
  if (made)
    control_ = *std::move(made);
  else
    errors_->warning(made.error().text());
}

Result<> Server::make_workers() {
  const http::HttpLimits& limits = settings().limits;
  counts_ = std::make_unique<ConnectionLimits>(limits.max_connections, limits.max_connections_per_address);
  pool_ = std::make_unique<OffloadPool>(kOffloadThreads);
  for (unsigned i = 0; i < settings().workers; ++i) {
    TRY(Duty duty, serving_.duty(i, nullptr));
    TRY(auto worker,
        Worker::make({*errors_, access_.get(), *counts_, *pool_, board_, quic_, i}, std::move(duty)));
    metrics_.add_core(worker->counts());
    workers_.push_back(std::move(worker));
  }
  std::vector<Worker*> workers;
  for (const auto& worker : workers_) workers.push_back(worker.get());
  quic_.set_workers(std::move(workers));
  record_quic();
  MetricSources::process().add(board_metrics_);
  show_metrics();
  reloader_ =
      std::make_unique<Reloader>(Reloader::Parts{*loop_, *errors_, tickets_, workers_, origin_.load, serving_,
                                                 [this](Serving next) { take_up(std::move(next)); },
                                                 [this](bool applied) { metrics_.reload_ended(applied); }});
  return {};
}

void Server::record_quic() {
  quic_.qlog.use(settings().quic.qlog, [log = errors_.get()](std::string text) { log->error(text); });
}

Result<> Server::run() {
  TRY_VOID(loop_->watch_level(signals_->fd(), *this));
  watch_certificates();
  watch_config();
  rotate_at_ = loop_->now() + settings().tls.ticket_rotation;
  on_timer();
  if (admin_)
    TRY_VOID(admin_->start({[this] { return metrics_.text(); }, [this] { return !draining_.load(); }},
                           *errors_, *pool_));
  running_ = workers_.size();
  for (const auto& worker : workers_) threads_.emplace_back(&Server::run_worker, this, std::ref(*worker));
  TRY_VOID(tell_ready());
  loop_->run();
  threads_.clear();
  loop_->unwatch(signals_->fd(), *this);
  admin_.reset();
  errors_->notice("ended");
  return {};
}

/// A process that takes over is heard by the service manager only when it is known as the main one.
Result<> Server::tell_ready() {
  if (origin_.before) {
    TRY_VOID(origin_.before->ready());
    origin_.before.reset();
    if (!control_) open_control(nullptr, true);
  }
  notify_manager("READY=1\n" + serving_text(settings()));
  return {};
}

void Server::run_worker(Worker& worker) {
  // Root that was not given up reads files by its rights, and logs are opened anew by it.
  if (::geteuid() != 0)
    if (const auto dropped = drop_capabilities_of_thread(); !dropped)
      errors_->warning(dropped.error().text());
  worker.run();
  loop_->post([this] {
    if (--running_ == 0) loop_->stop();
  });
}

/// A signal waits, or a certificate file may have changed.
void Server::on_events(std::uint32_t) {
  take_strays();
  while (const auto number = signals_->next()) on_signal(*number);
  if (!handed_over_) on_timer();  // who only ends needs no new certificates
}

void Server::on_timer() {
  serving_.certificates->refresh([this](std::size_t site, const SharedIdentity& identity) {
    for (const auto& worker : workers_) worker->replace_tls(site, identity);
    show_metrics();
  });
  if (loop_->now() >= rotate_at_) {
    tickets_->rotate();
    rotate_at_ = loop_->now() + settings().tls.ticket_rotation;
  }
  loop_->arm(*this, std::min(rotate_at_, loop_->now() + serving_.certificates->due()));
}

void Server::on_signal(int number) {
  if (number == SIGUSR1) {
    errors_->reopen();
    if (access_) access_->reopen();
    return;
  }
  if (number == SIGHUP) return on_order("reload", nullptr);
  if (number == SIGUSR2) return on_order("upgrade", nullptr);
  end();
}

void Server::on_order(std::string_view word, Reply reply) {
  if (stop_signals_ != 0 || handed_over_) {
    if (reply) reply({false, "this gateway is about to end"});
  } else if (word == "reload") {
    reloader_->ask(std::move(reply));
  } else if (word.starts_with("backend ")) {
    if (reply) reply(obey_backend_order(board_, word.substr(8)));
  } else if (word == "upgrade") {
    upgrade(std::move(reply));
  } else if (reply) {
    reply({false, "this version of the program knows no such order"});
  }
}

/// Datagrams of this process's connections, which the one after it has read.
void Server::take_strays() {
  if (!handed_over_) return;
  while (auto stray = after_.take()) {
    const auto number = quic_.ids.worker_of(destination_of(as_bytes(stray->bytes)));
    if (Worker* const worker = number ? quic_.worker(*number) : nullptr)
      worker->take_stray(*std::move(stray));
  }
  if (after_.fd() >= 0 && !after_.open()) {
    loop_->unwatch(after_.fd(), *this);
    after_.use(Fd());
  }
}

/// The first time everything that is open may be finished.
void Server::end() {
  if (stop_signals_++ != 0) {
    for (const auto& worker : workers_) worker->stop();
    return;
  }
  errors_->notice(
      "draining: open requests are answered, new connections are refused; a second signal ends at once");
  if (!handed_over_) notify_manager("STOPPING=1");
  leave_everything();
  for (const auto& worker : workers_) worker->drain(false);
}

/// What this process does besides serving its connections.
void Server::leave_everything() {
  draining_ = true;
  upgrade_.reset();
  config_watch_.reset();
  serving_.datagrams.clear();
  serving_.ports.clear();  // the workers close theirs when they have taken what waits in the queue
}

void Server::upgrade(Reply reply) {
  upgrade_replies_.push_back(std::move(reply));
  if (upgrade_) return;
  errors_->notice("upgrade: starting " + origin_.program);
  Upgrade::Estate estate{
      origin_.program, origin_.arguments, {serving_.ports}, serving_.datagrams, tickets_->secrets()};
  if (admin_) estate.ports.emplace_back(admin_->ports());
  auto channel = StrayChannel::make();
  if (channel) {
    after_.use(std::move(channel->second));
    estate.strays = channel->first.get();
  }
  auto begun = Upgrade::begin(*loop_, std::move(estate), [this](const Verdict& verdict) {
    loop_->post([this, verdict] { upgraded(verdict); });
  });
  if (begun)
    upgrade_ = *std::move(begun);
  else
    upgraded({false, begun.error().text()});
}

void Server::upgraded(const Verdict& verdict) {
  const pid_t successor = upgrade_ ? upgrade_->successor() : -1;
  upgrade_.reset();  // kills one that is of no use
  if (verdict.good) {
    notify_manager("MAINPID=" + std::to_string(successor));
    handed_over_ = true;
    leave_everything();
    admin_.reset();
    if (after_.open())
      if (const auto watched = loop_->watch_level(after_.fd(), *this); !watched)
        errors_->warning(watched.error().text());
    for (const auto& worker : workers_) worker->drain(true);
  }
  errors_->say_lines(
      verdict.good ? LogLevel::notice : LogLevel::error,
      "upgrade: " + std::string(verdict.good ? "" : "refused, this process goes on: ") + verdict.text);
  for (Reply& reply : std::exchange(upgrade_replies_, {}))
    if (reply) reply(verdict);
}

/// All workers have prepared for it and will be told to begin after this.
void Server::take_up(Serving next) {
  if (serving_.certificates->watch_fd() >= 0) loop_->unwatch(serving_.certificates->watch_fd(), *this);
  serving_.certificates.reset();  // before the settings that it refers to
  serving_ = std::move(next);
  const Settings& now = settings();
  errors_->set_level(now.log.level);
  raise_files(now, *errors_);
  counts_->set(now.limits.max_connections, now.limits.max_connections_per_address);
  tickets_->keep(now.tls.ticket_keys);
  rotate_at_ = std::min(rotate_at_, loop_->now() + now.tls.ticket_rotation);
  record_quic();
  watch_certificates();
  watch_config();
  loop_->disarm(*this);
  loop_->arm(*this, std::min(rotate_at_, loop_->now() + serving_.certificates->due()));
  show_metrics();
  notify_manager(serving_text(now));
}

void Server::show_metrics() {
  ServerMetrics::View view{serving_.generation, {}};
  for (std::size_t i = 0; i < serving_.generation->sites.size(); ++i)
    if (const auto end = serving_.certificates->ends(i))
      view.certificate_ends.emplace_back(serving_.generation->sites[i]->names.front(), *end);
  metrics_.show(std::move(view));
}

std::vector<std::string> Server::admin_addresses() const {
  std::vector<std::string> out;
  if (admin_)
    for (const OpenPort& port : admin_->ports()) out.push_back(port.text);
  return out;
}

void Server::watch_certificates() {
  const int fd = serving_.certificates->watch_fd();
  if (fd < 0) return;
  if (const auto watched = loop_->watch_level(fd, *this); !watched) errors_->warning(watched.error().text());
}

void Server::watch_config() {
  if (!settings().watch_config || !origin_.is_file) return config_watch_.reset();
  if (config_watch_) return;
  auto watch = ConfigWatch::make(*loop_, origin_.source, [this] { on_order("reload", nullptr); });
  if (watch)
    config_watch_ = *std::move(watch);
  else
    errors_->warning("watch_config: " + watch.error().text());
}

}  // namespace sally::gateway
