#include "gateway/worker.h"

#include <algorithm>
#include <cstring>

namespace sally::gateway {

using namespace std::chrono_literals;

class Worker::Door final : private Accepted {
 public:
  Door(Worker& worker, Fd socket, const OpenPort& opened)
      : worker_(worker), listener_(*worker.loop_, std::move(socket), *this) {
    port.config = opened.config;
    port.redirects = opened.redirects;
  }
  Result<> open() { return listener_.start(); }
  void close() { listener_.close(); }

  Port port;

 private:
  void on_accept(Fd socket, const SocketAddress& client) override {
    worker_.adopt(port, std::move(socket), client);
  }
  void on_accept_failed(int error_number) override { worker_.accept_failed(error_number); }

  Worker& worker_;
  Listener listener_;
};

Worker::Worker(WorkerParts parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Worker>> Worker::make(WorkerParts parts) {
  std::unique_ptr<Worker> worker(new Worker(std::move(parts)));
  TRY(worker->loop_, Loop::make(&worker->parts_.pool));
  worker->core_ = std::make_unique<Core>(*worker->loop_, worker->settings().limits);
  worker->handlers_ = std::make_unique<SiteHandlers>(*worker->core_, worker->settings());
  TRY_VOID(worker->make_sites());
  return worker;
}

Worker::~Worker() {
  connections_.clear();
  retired_.clear();
  doors_.clear();
}

Result<> Worker::make_sites() {
  for (const SiteConfig& config : parts_.settings.sites) {
    auto site = std::make_unique<Site>();
    site->config = &config;
    site->name = config.names.front();
    site->added = make_added_fields(config);
    TRY_VOID(handlers_->equip(*site));
    sites_.push_back(std::move(site));
  }
  return {};
}

Result<> Worker::listen(Fd socket, const OpenPort& port) {
  auto door = std::make_unique<Door>(*this, std::move(socket), port);
  if (port.redirects) {
    for (const auto& site : sites_)
      if (site->config->redirect_http) door->port.sites.add(*site);
  } else {
    for (const std::size_t index : settings().sites_at(port.asked)) door->port.sites.add(*sites_[index]);
  }
  TRY_VOID(door->open());
  doors_.push_back(std::move(door));
  return {};
}

void Worker::run() {
  loop_->run();
  hand_over_log();
}

void Worker::replace_tls(std::size_t site, std::shared_ptr<const tls::ServerIdentity> identity) {
  loop_->post(
      [this, site, identity = std::move(identity)]() mutable { sites_[site]->tls = std::move(identity); });
}

void Worker::drain() {
  loop_->post([this] { begin_drain(); });
}

void Worker::stop() { loop_->stop(); }

void Worker::begin_drain() {
  if (draining_) return;
  draining_ = true;
  for (const auto& door : doors_) door->close();
  for (const auto& [connection, owned] : connections_) connection->drain();
  drain_until_ = loop_->now() + settings().limits.drain_timeout;
  loop_->arm(*this, drain_until_);
  end_drain_if_done();
}

void Worker::end_drain_if_done() {
  if (draining_ && connections_.empty()) loop_->stop();
}

void Worker::adopt(const Port& port, Fd socket, const SocketAddress& client) {
  core_->tick();
  const auto verdict = parts_.counts.admit(client);
  if (verdict != ConnectionLimits::Verdict::admitted) {
    if (loop_->now() - told_full_ < 10s) return;
    told_full_ = loop_->now();
    const bool total = verdict == ConnectionLimits::Verdict::too_many;
    errors().warning((total ? "limits.max_connections" : "limits.max_connections_per_address") +
                     std::string(" is reached: new connections are closed, the last of them from ") +
                     client.text());
    return;
  }
  auto made = std::make_unique<Connection>(*this, port, std::move(socket), client,
                                           (std::uint64_t{parts_.number} << 48) | ++next_id_);
  Connection& connection = *made;
  connections_.emplace(&connection, std::move(made));
  connection.start();
  if (draining_) connection.drain();
}

void Worker::accept_failed(int error_number) {
  if (loop_->now() - told_full_ < 10s) return;
  told_full_ = loop_->now();
  errors().error(std::string("a connection cannot be accepted: ") + std::strerror(error_number) +
                 "; raise the limit of open files (ulimit -n, LimitNOFILE=) or lower limits.max_connections");
}

void Worker::retire(Connection& connection) {
  const auto it = connections_.find(&connection);
  if (it == connections_.end()) return;
  retired_.push_back(std::move(it->second));
  connections_.erase(it);
  loop_->defer(*this);
}

void Worker::log_access(const http::Exchange& x) {
  if (parts_.access == nullptr) return;
  append_access_line(access_lines_, settings().log.format, x, loop_->unix_now(), Clock::now());
  if (access_lines_.size() >= kLogLines)
    loop_->defer(*this);
  else if (!draining_ && !Timer::armed())
    loop_->arm(*this, loop_->now() + 200ms);
}

void Worker::hand_over_log() {
  if (access_lines_.empty()) return;
  parts_.access->append(access_lines_);
  access_lines_.clear();
}

/// Destroys what has ended: nothing of it is running any more.
void Worker::on_turn_end() {
  if (access_lines_.size() >= kLogLines) hand_over_log();
  for (const auto& connection : retired_) parts_.counts.release(connection->client());
  retired_.clear();
  end_drain_if_done();
}

void Worker::on_timer() {
  hand_over_log();
  if (!draining_ || loop_->now() < drain_until_) return;
  if (!connections_.empty())
    errors().warning("limits.drain_timeout has passed: " + std::to_string(connections_.size()) +
                     " connections are cut");
  loop_->stop();
}

}  // namespace sally::gateway
