#include "load/worker.h"

#include <sys/prctl.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "load/connection.h"
#include "load/http3_connection.h"

namespace sally::load {
namespace {

constexpr std::chrono::hours kForever{1};  ///< there is always a timer

bool is_doze_worth_it(const Plan& plan, std::span<const Origin> origins) {
  return plan.rate == 0 && plan.requests_per_connection == 0 && !plan.counts_handshakes() &&
         plan.speech != Speech::http3 &&
         std::ranges::all_of(origins, [](const Origin& o) { return o.address.is_loopback(); });
}

}  // namespace

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
  dozes_ = is_doze_worth_it(plan, origins);
  hold_ = plan.hold;
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
  if (dozes_) ::prctl(PR_SET_TIMERSLACK, 1'000, 0, 0, 0);  // nanoseconds, of this thread; usually 50 us
  ledger_.set_now(Clock::now());
  for (const auto& connection : connections_) connection->open();
  loop.arm(*this, loop.now() + kTick);
  while (!over_) turn();
  ledger_.settle();
  ledger_.publish();
}

void Worker::turn() {
  if (!dozes_) return loop.turn(kForever);
  const std::uint64_t before = ledger_.ended();
  loop.turn(Duration(0));
  if (ledger_.ended() != before) return;  // by now there may be more
  const Duration doze = doze_.next(Clock::now(), before, ledger_.open());
  if (doze == Duration(0)) return loop.turn(kForever);
  const timespec length{0, static_cast<long>(doze.count())};
  ::clock_nanosleep(CLOCK_MONOTONIC, 0, &length, nullptr);
}

void Worker::stop() {
  loop.post([this] {
    ledger_.close();
    hold_ = Duration(0);
  });
}

void Worker::on_timer() {
  ledger_.set_now(Clock::now());
  for (const auto& connection : connections_) connection->tick();
  ledger_.publish();
  over_ |= ledger_.is_done() && !is_held();
  if (!over_) loop.arm(*this, loop.now() + kTick);
}

/// When all is done. What is still up in the end has been held.
bool Worker::is_held() {
  const TimePoint now = ledger_.now();
  if (!held_until_) held_until_ = now + hold_;
  if (hold_ != Duration(0) && now < *held_until_) return true;
  ledger_.tally().held = static_cast<std::uint64_t>(
      std::ranges::count_if(connections_, [](const auto& one) { return one->is_up(); }));
  return false;
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
  over_ = true;
}

}  // namespace sally::load
