#include "load/run.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "load/worker.h"
#include "net/look_up.h"
#include "os/limits.h"
#include "os/signals.h"

namespace sally::load {
namespace {

using namespace std::chrono_literals;
constexpr auto kLook = 100ms;  ///< how often the calling thread looks around
constexpr unsigned kSpareFiles = 64;

double seconds_of(Duration d) { return std::chrono::duration<double>(d).count(); }

double own_cpu() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto plain = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return plain(used.ru_utime) + plain(used.ru_stime);
}

Result<SocketAddress> address_of(const Plan& plan, const LoadUrl& url) {
  if (!plan.connect_to.empty()) {
    const auto named = SocketAddress::numeric(plan.connect_to, url.port);
    if (!named) return fail(kBadPlan, plan.connect_to + " is no address");
    return *named;
  }
  TRY(const auto loop, Loop::make());
  Running<Result<std::vector<SocketAddress>>> asked(look_up(*loop, url.host, url.port));
  asked.start();  // without a pool it ends at once
  auto found = asked.take();
  if (!found) return std::unexpected(std::move(found).error());
  return found->front();
}

Result<std::vector<Origin>> origins_of(const Plan& plan) {
  std::vector<Origin> out;
  for (std::size_t i = 0; i < plan.urls.size(); ++i) {
    const LoadUrl& first = plan.urls[i];
    if (std::ranges::any_of(out, [&](const Origin& o) { return o.first.same_origin(first); })) continue;
    TRY(const SocketAddress address, address_of(plan, first));
    if (!plan.ours && !is_trickle(plan) && !is_near(address.host()))
      return fail(kNotOurs, fmt::format("{} is at {}", first.host, address.host()));
    std::vector<LoadUrl> urls;
    for (const LoadUrl& url : plan.urls)
      if (url.same_origin(first)) urls.push_back(url);
    out.push_back({first, address, RequestText(plan, std::move(urls))});
  }
  return out;
}

Ledger::Terms terms_of(const Plan& plan, TimePoint begin, unsigned thread) {
  Ledger::Terms terms;
  terms.measured_from = begin + plan.warm_up;
  terms.end = plan.requests != 0 ? TimePoint::max() : terms.measured_from + plan.duration;
  if (plan.requests != 0)
    terms.budget = plan.requests / plan.threads + (thread < plan.requests % plan.threads ? 1 : 0);
  if (plan.rate > 0) terms.schedule.emplace(begin, plan.rate, thread, plan.threads);
  return terms;
}

/// The threads, and how many of them are still at work.
class Crew {
 public:
  Crew(const Plan& plan, const RunHooks& hooks) : plan_(plan), hooks_(hooks) {}

  Result<> recruit(std::span<const Origin> origins, TimePoint begin) {
    std::size_t first = 0;
    for (unsigned i = 0; i < plan_.threads; ++i) {
      TRY(auto loop, Loop::make());
      const unsigned connections =
          plan_.connections / plan_.threads + (i < plan_.connections % plan_.threads ? 1 : 0);
      TRY(auto worker,
          Worker::make(std::move(loop), plan_, origins, {connections, first, terms_of(plan_, begin, i)}));
      first += connections;
      workers_.push_back(std::move(worker));
    }
    return {};
  }

  /// Until all have ended.
  void work(TimePoint begin, Outcome& out) {
    std::vector<std::jthread> threads;
    at_work_ = workers_.size();
    for (const auto& worker : workers_)
      threads.emplace_back([this, &worker] {
        worker->run();
        const std::scoped_lock lock(mutex_);
        --at_work_;
        ended_.notify_one();
      });
    const TimePoint measured = begin + plan_.warm_up;
    TimePoint told = begin;
    bool begun = plan_.warm_up == 0s;
    while (!wait(begun ? kLook : std::min<Duration>(kLook, measured - Clock::now()))) {
      const TimePoint now = Clock::now();
      if (!begun && now >= measured) {
        begun = true;
        begin_measuring(out);
      }
      if (hooks_.stop && *hooks_.stop && !out.stopped) {
        out.stopped = true;
        stop_all();
      }
      if (std::ranges::any_of(workers_, [](const auto& w) { return w->is_in_vain(); })) stop_all();
      if (now - told < 1s) continue;
      told = now;
      look(out);
      tell(now, measured, begin);
    }
  }

  Result<> collect(Outcome& out) {
    for (const auto& worker : workers_) {
      if (worker->in_vain()) return std::unexpected(*std::move(worker->in_vain()));
      out.tally.add(worker->tally());
      if (!out.tls) out.tls = worker->tls();
    }
    return {};
  }

 private:
  bool wait(Duration longest) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, longest, [this] { return at_work_ == 0; });
  }
  void stop_all() {
    for (const auto& worker : workers_) worker->stop();
  }
  void begin_measuring(Outcome& out) {
    out.client_cpu_seconds = own_cpu();
    if (hooks_.server_pid == 0) return;
    if (auto cost = process_cost(hooks_.server_pid)) out.server_before = *cost;
  }
  void look(Outcome& out) const {
    if (hooks_.server_pid == 0) return;
    if (const auto cost = process_cost(hooks_.server_pid))
      out.server_most_bytes = std::max(out.server_most_bytes, cost->memory_bytes);
  }
  void tell(TimePoint now, TimePoint measured, TimePoint begin) const {
    if (!hooks_.progress) return;
    Progress p{.warming_up = now < measured};
    p.seconds = seconds_of(now - (p.warming_up ? begin : measured));
    for (const auto& worker : workers_) {
      p.good += worker->progress().good.load(std::memory_order_relaxed);
      p.failed += worker->progress().failed.load(std::memory_order_relaxed);
    }
    hooks_.progress(p);
  }

  const Plan& plan_;
  const RunHooks& hooks_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::mutex mutex_;  ///< guards at_work_
  std::condition_variable ended_;
  std::size_t at_work_ = 0;
};

}  // namespace

std::uint64_t Outcome::good(const Plan& plan) const {
  const std::uint64_t bad_statuses = tally.failures[static_cast<std::size_t>(Failure::status_4xx)] +
                                     tally.failures[static_cast<std::size_t>(Failure::status_5xx)];
  return plan.counts_handshakes() ? tally.latency.count() : tally.answered - bad_statuses;
}

Result<Outcome> run(const Plan& plan, const RunHooks& hooks) {
  ignore_broken_pipes();
  Outcome out;
  TRY(const auto origins, origins_of(plan));
  for (const Origin& origin : origins) out.addresses.push_back(origin.address.text());
  TRY(const std::uint64_t files, raise_file_limit(plan.connections + kSpareFiles));
  if (files < plan.connections + kSpareFiles / 2)
    return fail(kBadPlan,
                fmt::format("this system allows {} open files, too few for {} connections: raise ulimit -n",
                            files, plan.connections));
  if (hooks.server_pid != 0) {
    TRY(out.server_before, process_cost(hooks.server_pid));
    out.server_most_bytes = out.server_before->memory_bytes;
  }
  const double cpu_before = own_cpu();
  const TimePoint begin = Clock::now();
  Crew crew(plan, hooks);
  TRY_VOID(crew.recruit(origins, begin));
  crew.work(begin, out);
  const double cpu_begun = plan.warm_up == 0s ? cpu_before : out.client_cpu_seconds;
  out.client_cpu_seconds = own_cpu() - cpu_begun;
  if (hooks.server_pid != 0) {
    if (const auto cost = process_cost(hooks.server_pid)) out.server_after = *cost;  // it may have ended
    if (out.server_after)
      out.server_most_bytes = std::max(out.server_most_bytes, out.server_after->memory_bytes);
  }
  TRY_VOID(crew.collect(out));
  const TimePoint measured = begin + plan.warm_up;
  TimePoint end = std::max(out.tally.last_end, measured);
  if (plan.requests == 0 && !out.stopped) end = std::max(end, measured + plan.duration);
  out.seconds = seconds_of(end - measured);
  const std::size_t whole = static_cast<std::size_t>((end - measured) / kSlice);
  out.tally.slices.resize(whole);
  out.noise = rate_noise(out.tally.slices);
  return out;
}

}  // namespace sally::load
