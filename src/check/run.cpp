#include "check/run.h"

#include <algorithm>

#include "check/differences.h"
#include "check/gather.h"
#include "check/probe.h"
#include "loop/offload.h"
#include "net/look_up.h"

namespace sally::check {
namespace {

unsigned last_stage() { return std::ranges::max(all_probes(), {}, &Probe::stage).stage; }

std::uint16_t http_port_of(const RunPlan& plan, const Target& target) {
  if (plan.http_port) return *plan.http_port;
  return target.port == 443 ? std::uint16_t{80} : std::uint16_t{0};
}

void judge(const RunPlan& plan, Examined& one) {
  Findings findings;
  const Case c{one.target, one.seen, plan.roots};
  for (const Rule rule : all_rules()) rule(c, findings);
  one.findings = findings.take();
  one.mend_for = plan.mend_for;
  if (plan.baseline)
    for (Finding& f : one.findings) f.known = plan.baseline->has(one.target.endpoint(), f.kind->id);
  one.grade = grade_of(one.seen, one.findings);
  one.observatory = observatory_of(one.target, one.seen, one.findings);
}

Task<Unit> examine(Loop& loop, const RunPlan& plan, SocketAddress address, Examined& one) {
  const TimePoint begun = loop.now();
  const RunLimits& l = plan.limits;
  Dialer dialer(
      loop, address,
      {.connect = l.connect, .answer = l.answer, .connections = l.connections, .end = begun + l.address},
      *one.target.protocol, {.server = one.target.server_name()});
  one.address = address.text();
  one.seen.now = WallClock::now();
  Examination x{loop,         one.target, dialer,       http_port_of(plan, one.target),
                l.page_bytes, one.seen,   plan.thorough};
  for (unsigned stage = 0; stage <= last_stage(); ++stage) {
    Gather probes(loop);
    for (const Probe& probe : all_probes())
      if (probe.stage == stage && probe.applies(x)) probes.start(probe.run(x));
    co_await probes.all();
  }
  if (one.target.is_http && x.http_port == 0)
    x.not_tested("http.redirect", "the plain port beside this one is not known; name it with --http-port");
  if (one.seen.best_version() == 0 && one.seen.reach.first.end == Answer::End::not_connected)
    x.not_tested("reach", one.seen.reach.first.why);
  if (!dialer.throttled().empty())
    x.not_tested("throttled", "the server limits this machine's connections: " + dialer.throttled());
  one.seen.connections += dialer.connections();
  one.took = std::chrono::duration_cast<std::chrono::milliseconds>(loop.now() - begun);
  judge(plan, one);
  co_return Unit{};
}

Task<Unit> examine_target(Loop& loop, const RunPlan& plan, Target target,
                          std::vector<std::unique_ptr<Examined>>& out) {
  auto addresses =
      co_await look_up(loop, plan.connect_to.empty() ? target.host : plan.connect_to, target.port);
  if (!addresses) {
    out.push_back(std::make_unique<Examined>());
    out.back()->target = std::move(target);
    out.back()->seen.not_tested.push_back({"reach", addresses.error().text()});
    co_return Unit{};
  }
  const std::size_t wanted =
      plan.one_address ? 1 : std::min<std::size_t>(addresses->size(), plan.limits.addresses);
  Gather all(loop);
  for (std::size_t i = 0; i < wanted; ++i) {
    out.push_back(std::make_unique<Examined>());
    out.back()->target = target;
    all.start(examine(loop, plan, (*addresses)[i], *out.back()));
  }
  co_await all.all();
  judge_differences(out);
  if (wanted < addresses->size() && !plan.one_address)
    out.back()->seen.not_tested.push_back(
        {"reach", std::to_string(addresses->size() - wanted) + " more addresses were left out"});
  co_return Unit{};
}

}  // namespace

Result<std::vector<Examined>> run(const RunPlan& plan, const std::function<void(const Examined&)>& on_done) {
  OffloadPool pool(1);
  TRY(const auto loop, Loop::make(&pool));
  std::vector<Examined> out;
  for (const Target& target : plan.targets) {
    std::vector<std::unique_ptr<Examined>> examined;
    Running<Unit> task(examine_target(*loop, plan, target, examined));
    task.start();
    while (!task.done()) loop->turn(std::chrono::milliseconds(500));
    task.take();
    for (auto& one : examined) {
      if (on_done) on_done(*one);
      out.push_back(std::move(*one));
    }
  }
  return out;
}

}  // namespace sally::check
