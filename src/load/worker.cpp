#include "load/worker.h"

#include <sys/timerfd.h>

#include <cerrno>
#include <cstring>

#include "load/connection.h"
#include "load/http3_connection.h"

namespace sally::load {

Worker::Worker(std::unique_ptr<Loop> own, const Share& share)
    : Room(*own), own_loop_(std::move(own)), ledger_(share.terms), alarm_(*this) {}

Worker::~Worker() {
  connections_.clear();
  loop.unwatch(alarm_.fd.get(), alarm_);
}

Result<std::unique_ptr<Worker>> Worker::make(std::unique_ptr<Loop> loop, const Plan& plan,
                                             std::span<const Origin> origins, const Share& share) {
  std::unique_ptr<Worker> made(new Worker(std::move(loop), share));
  TRY_VOID(made->set_up(plan, origins, share));
  return made;
}

Result<> Worker::set_up(const Plan& plan, std::span<const Origin> origins, const Share& share) {
  alarm_.fd = Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!alarm_.fd) return fail(kLoopSystem, std::string("timerfd_create: ") + std::strerror(errno));
  TRY_VOID(loop.watch_level(alarm_.fd.get(), alarm_));
  for (const Origin& origin : origins) {
    if (!origin.first.secure) continue;
    TRY(rules_[&origin], TlsRules::make(plan, origin.first.host));
  }
  for (std::size_t i = 0; i < share.connections; ++i) {
    const Origin& origin = origins[(share.first_connection + i) % origins.size()];
    TlsRules* const rules = origin.first.secure ? rules_[&origin].get() : nullptr;
    const Link::Parts parts{*this, ledger_, plan, origin, rules};
    if (plan.speech == Speech::http3)
      connections_.push_back(std::make_unique<Http3Connection>(parts));
    else
      connections_.push_back(std::make_unique<Connection>(parts));
  }
  return {};
}

void Worker::run() {
  ledger_.set_now(Clock::now());
  for (const auto& connection : connections_) connection->open();
  loop.arm(*this, loop.now() + kTick);
  loop.run();
  ledger_.settle();
  ledger_.publish();
}

void Worker::stop() {
  loop.post([this] { ledger_.close(); });
}

void Worker::on_timer() {
  ledger_.set_now(Clock::now());
  for (const auto& connection : connections_) connection->tick();
  ledger_.publish();
  if (ledger_.is_done())
    loop.stop();
  else
    loop.arm(*this, loop.now() + kTick);
}

void Worker::wait_for_due(Link& link) {
  if (link.queued) return;
  link.queued = true;
  waiting_.push_back(&link);
  if (waiting_.size() == 1) set_alarm();
}

void Worker::set_alarm() {
  const auto at = ledger_.next_due().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at);
  itimerspec when{};
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = std::chrono::nanoseconds(at - seconds).count();
  if (when.it_value.tv_sec == 0 && when.it_value.tv_nsec == 0) when.it_value.tv_nsec = 1;
  ::timerfd_settime(alarm_.fd.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void Worker::Alarm::on_events(std::uint32_t) {
  std::uint64_t times = 0;
  [[maybe_unused]] const ssize_t n = ::read(fd.get(), &times, sizeof times);
  worker.serve_due();
}

/// The connection that has waited longest is asked first, so that all of them are kept alive.
void Worker::serve_due() {
  ledger_.set_now(Clock::now());
  while (!waiting_.empty() && ledger_.next_due() <= ledger_.now() && !ledger_.is_over()) {
    Link* const next = waiting_.front();
    waiting_.pop_front();
    next->queued = false;
    next->work();
  }
  if (!waiting_.empty() && !ledger_.is_over()) set_alarm();
}

void Worker::give_up(Error why) {
  if (!in_vain_) in_vain_ = std::move(why);
  is_in_vain_ = true;
  ledger_.close();
  loop.stop();
}

}  // namespace sally::load
