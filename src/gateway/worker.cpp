#include "gateway/worker.h"

#include <algorithm>
#include <cstring>

namespace sally::gateway {

using namespace std::chrono_literals;

class Worker::Door final : private Accepted {
 public:
  Door(Worker& worker, std::uint64_t number, Fd socket, SharedPort serving)
      : id(number),
        port(std::move(serving)),
        worker_(worker),
        listener_(*worker.loop_, std::move(socket), *this) {}
  Result<> open() { return listener_.start(); }
  void close() { listener_.close(); }

  const std::uint64_t id;
  SharedPort port;

 private:
  void on_accept(Fd socket, const SocketAddress& client) override {
    worker_.adopt(id, port, std::move(socket), client);
  }
  void on_accept_failed(int error_number) override { worker_.accept_failed(error_number); }

  Worker& worker_;
  Listener listener_;
};

Worker::Worker(WorkerParts parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Worker>> Worker::make(WorkerParts parts, Duty first) {
  std::unique_ptr<Worker> worker(new Worker(std::move(parts)));
  worker->generation_ = first.generation;
  TRY(worker->loop_, Loop::make(&worker->parts_.pool));
  const Settings& settings = worker->settings();
  const std::size_t ahead = std::max<std::size_t>(settings.limits.h2.stream_window,
                                                  settings.quic.on ? settings.quic.stream_window : 0);
  worker->core_ = std::make_unique<Core>(*worker->loop_, settings.limits, ahead);
  worker->handlers_ = std::make_unique<SiteHandlers>(*worker->core_, worker->parts_.board, worker->errors());
  worker->datagrams_ = std::make_unique<DatagramRelay>(
      DatagramRelay::Parts{*worker->loop_, worker->parts_.board, worker->errors(),
                           [w = worker.get()](const RelayRecord& record) { w->note_relay(record); }});
  worker->quic_ = std::make_unique<QuicSide>(*worker, worker->parts_.quic, worker->parts_.counts,
                                             static_cast<std::uint16_t>(worker->parts_.number));
  TRY_VOID(worker->make_sites(std::move(first)));
  worker->take_up();
  return worker;
}

Worker::~Worker() {
  datagrams_.reset();
  quic_.reset();
  relays_.clear();
  retired_relays_.clear();
  connections_.clear();
  retired_.clear();
  doors_.clear();
}

/// A site whose configuration is the very object of before is the very site of before.
Result<> Worker::make_sites(Duty duty) {
  Prepared next{std::move(duty), {}, {}};
  for (std::size_t i = 0; i < next.duty.generation->sites.size(); ++i) {
    const auto& config = next.duty.generation->sites[i];
    const auto same = std::ranges::find(sites_, config, &Site::config);
    if (same != sites_.end()) {
      next.sites.push_back(*same);
      continue;
    }
    auto site = std::make_shared<Site>(config);
    site->added = make_added_fields(*config);
    site->counts_of_all = next.duty.generation->counts[i];
    site->counts = &site->counts_of_all->core(parts_.number);
    if (parts_.handler)
      site->handler = parts_.handler();
    else
      TRY_VOID(handlers_->equip(*site));
    next.sites.push_back(std::move(site));
  }
  TRY(next.relays, open_relays(next.duty.generation->settings));
  prepared_ = std::move(next);
  return {};
}

/// A port whose configuration did not change keeps its backends and what is known of them.
Result<Worker::RelayDoors> Worker::open_relays(const Settings& next) {
  RelayDoors out;
  for (const PortConfig& port : next.ports) {
    if (!port.relay) continue;
    const auto same = std::ranges::find_if(relay_doors_, [&](const auto& known) {
      return known.first == port.address && known.second->config == *port.relay;
    });
    if (same != relay_doors_.end()) {
      out.push_back(*same);
      continue;
    }
    TRY(auto door, handlers_->open_relay(port));
    out.emplace_back(port.address, std::move(door));
  }
  return out;
}

void Worker::take_up() {
  Prepared next = *std::exchange(prepared_, std::nullopt);
  for (const auto& site : sites_) site->retired = std::ranges::find(next.sites, site) == next.sites.end();
  generation_ = next.duty.generation;
  sites_ = std::move(next.sites);
  relay_doors_ = std::move(next.relays);
  for (std::size_t i = 0; i < sites_.size(); ++i) sites_[i]->tls = next.duty.identities[i];
  change_doors(std::move(next.duty.doors));
  datagrams_->change(std::move(next.duty.datagrams));
  std::unordered_map<std::uint64_t, SharedPort> ports;
  for (const auto& door : doors_) ports[door->id] = door->port;
  for (const auto& [connection, owned] : connections_) {
    const auto port = ports.find(connection->door());
    connection->reconfigure(port == ports.end() ? nullptr : port->second);
  }
}

SharedPort Worker::make_port(const DoorDuty& duty) const {
  auto port = std::make_shared<Port>();
  port->config = duty.config;
  port->redirects = duty.redirects;
  port->defaults = generation_->defaults;
  // A site without a handler only lends its certificate to ports that are not the web's.
  const auto answers = [](const Site& site) { return site.handler || site.routes; };
  const bool relayed = duty.config.protocol == PortProtocol::relayed;
  if (duty.redirects) {
    for (const auto& site : sites_)
      if (site->config->redirect_http && answers(*site)) port->sites.add(site);
  } else {
    for (const std::size_t index : settings().sites_at(duty.asked))
      if (relayed || answers(*sites_[index])) port->sites.add(sites_[index]);
  }
  const auto relay =
      std::ranges::find_if(relay_doors_, [&](const auto& known) { return known.first == duty.asked; });
  if (!duty.redirects && relay != relay_doors_.end()) port->relay = relay->second;
  return port;
}

/// New ports are opened, those that stay serve anew, the others are closed; what waits in their queues is
/// accepted first.
void Worker::change_doors(std::vector<DoorDuty> duties) {
  std::vector<std::unique_ptr<Door>> next;
  for (DoorDuty& duty : duties) {
    const SharedPort port = make_port(duty);
    change_quic(duty, port);
    for (auto& door : doors_)
      if (door && door->id == duty.id) {
        door->port = port;
        next.push_back(std::move(door));
      }
    for (Fd& socket : duty.sockets) {
      auto door = std::make_unique<Door>(*this, duty.id, std::move(socket), port);
      if (const auto opened = door->open(); !opened) errors().error(opened.error().text());
      next.push_back(std::move(door));
    }
  }
  doors_.swap(next);
  for (const auto& door : next) {
    if (!door) continue;
    door->close();
    quic_->change(door->id, nullptr);
  }
  announce_quic(duties);
}

void Worker::change_quic(DoorDuty& duty, const SharedPort& port) {
  quic_->change(duty.id, duty.quic ? port : nullptr);
  for (Fd& socket : duty.datagrams) quic_->open(duty.id, port, std::move(socket));
}

/// RFC 7838: answers over TCP say where the same is to be had by HTTP/3.
void Worker::announce_quic(const std::vector<DoorDuty>& duties) {
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    std::uint16_t at = 0;
    for (const DoorDuty& duty : duties) {
      const auto served = settings().sites_at(duty.asked);
      const bool here = duty.quic && std::ranges::find(served, i) != served.end();
      if (here && at == 0) at = duty.config.address.port;
    }
    sites_[i]->announce(at);
  }
}

void Worker::take_stray(StrayDatagram stray) {
  loop_->post([this, stray = std::move(stray)] { quic_->take_stray(stray); });
}

void Worker::run() {
  loop_->run();
  hand_over_log();
}

void Worker::prepare(Duty duty, Done done) {
  loop_->post([this, duty = std::move(duty), done = std::move(done)]() mutable {
    done(make_sites(std::move(duty)));
  });
}

void Worker::commit(Done done) {
  loop_->post([this, done = std::move(done)]() mutable {
    take_up();
    done({});
  });
}

void Worker::abandon() {
  loop_->post([this] { prepared_.reset(); });
}

void Worker::replace_tls(std::size_t site, SharedIdentity identity) {
  loop_->post(
      [this, site, identity = std::move(identity)]() mutable { sites_[site]->tls = std::move(identity); });
}

void Worker::drain(bool gently) {
  loop_->post([this, gently] { begin_drain(gently); });
}

void Worker::stop() { loop_->stop(); }

void Worker::begin_drain(bool gently) {
  if (!draining_) {
    draining_ = true;
    for (const auto& door : doors_) door->close();
    datagrams_->close();
    quic_->drain(gently);
    drain_until_ = loop_->now() + settings().limits.drain_timeout;
    loop_->arm(*this, drain_until_);
  }
  for (const auto& [connection, owned] : connections_)
    if (gently)
      connection->leave();
    else
      connection->drain();
  std::vector<Relay*> open;
  for (const auto& [relay, owned] : relays_) open.push_back(relay);
  for (Relay* const relay : open) relay->drain();  // those that carry something are finished
  end_drain_if_done();
}

void Worker::end_drain_if_done() {
  const bool relays_gone = relays_.empty() && retired_relays_.empty();
  if (draining_ && connections_.empty() && relays_gone && quic_->empty()) loop_->stop();
}

void Worker::adopt(std::uint64_t door, const SharedPort& port, Fd socket, const SocketAddress& client) {
  core_->tick();
  const auto verdict = parts_.counts.admit(client);
  if (verdict != ConnectionLimits::Verdict::admitted) {
    const bool total = verdict == ConnectionLimits::Verdict::too_many;
    (total ? counts_.over_total : counts_.over_address).add();
    if (loop_->now() - told_full_ < 10s) return;
    told_full_ = loop_->now();
    errors().warning((total ? "limits.max_connections" : "limits.max_connections_per_address") +
                     std::string(" is reached: new connections are closed, the last of them from ") +
                     client.text());
    return;
  }
  counts_.accepted.add();
  const std::uint64_t id = (std::uint64_t{parts_.number} << 48) | ++next_id_;
  if (!port->relay) return serve_web(door, port, std::move(socket), client, id, {});
  auto made = std::make_unique<Relay>(*this, door, port, std::move(socket), client, id);
  Relay& relay = *made;
  relays_.emplace(&relay, std::move(made));
  relay.start();
}

void Worker::serve_web(std::uint64_t door, SharedPort port, Fd socket, const SocketAddress& client,
                       std::uint64_t id, Bytes heard) {
  auto made = std::make_unique<Connection>(*this, door, std::move(port), std::move(socket), client, id);
  Connection& connection = *made;
  connections_.emplace(&connection, std::move(made));
  connection.start(heard);
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

void Worker::retire(Relay& relay) {
  const auto it = relays_.find(&relay);
  if (it == relays_.end()) return;
  retired_relays_.push_back(std::move(it->second));
  relays_.erase(it);
  loop_->defer(*this);
}

void Worker::bury_connections() {
  for (auto& connection : std::exchange(retired_, {})) {
    if (connection->is_call() && !draining_) {
      carry_call(*connection);
      continue;
    }
    parts_.counts.release(connection->client());
    counts_.closed.add();
  }
}

void Worker::carry_call(Connection& connection) {
  auto made = std::make_unique<Relay>(*this, connection.door(), connection.port(), connection.take_socket(),
                                      connection.client(), connection.id());
  Relay& relay = *made;
  relays_.emplace(&relay, std::move(made));
  relay.start(connection.hand_over());
}

void Worker::bury_relays() {
  for (auto& relay : std::exchange(retired_relays_, {})) {
    if (relay->is_web() && !draining_) {
      serve_web(relay->door(), relay->port(), relay->take_socket(), relay->client(), relay->id(),
                relay->heard());
      continue;
    }
    parts_.counts.release(relay->client());
    counts_.closed.add();
  }
}

void Worker::note_relay(const RelayRecord& record) {
  if (parts_.access == nullptr) return;
  append_relay_line(access_lines_, settings().log.format, record, loop_->unix_now(), Clock::now());
  log_line_written();
}

void Worker::note_end(const http::Exchange& x, const Site* site) {
  const TimePoint now = Clock::now();
  (site ? *site->counts : counts_.unrouted).add(x, now);
  counts_.requests_by_version[static_cast<std::size_t>(x.request.version)].add();
  if (!x.failure.empty()) counts_.request_failures.add(x.failure);
  if (parts_.access != nullptr) log_access(x, now);
}

void Worker::log_access(const http::Exchange& x, TimePoint now) {
  append_access_line(access_lines_, settings().log.format, x, loop_->unix_now(), now);
  log_line_written();
}

void Worker::log_line_written() {
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
  bury_connections();
  bury_relays();
  end_drain_if_done();
}

void Worker::on_timer() {
  hand_over_log();
  if (!draining_ || loop_->now() < drain_until_) return;
  const std::size_t left = connections_.size() + quic_->count() + relays_.size();
  for (const auto& [connection, owned] : connections_) connection->cut();
  quic_->cut();
  for (const auto& [relay, owned] : relays_) relay->cut();
  hand_over_log();
  if (left != 0)
    errors().warning("limits.drain_timeout has passed: " + std::to_string(left) + " connections are cut");
  loop_->stop();
}

}  // namespace sally::gateway
