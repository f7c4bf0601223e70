#include "check/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "check/differences.h"
#include "check/dns_facts.h"
#include "check/gather.h"
#include "check/mail_facts.h"
#include "check/probe.h"
#include "crypto/revocation_list.h"
#include "loop/offload.h"
#include "net/look_up.h"
#include "os/file.h"

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
  one.grade = grade_of(one.seen, one.findings);
  one.observatory = observatory_of(one.target, one.seen, one.findings);
}

/// When all findings are there.
void settle(const RunPlan& plan, Examined& one) {
  if (plan.policy) hold_against(*plan.policy, one.target, one.seen, one.grade, one.findings);
  if (plan.baseline)
    for (Finding& f : one.findings) f.known |= plan.baseline->has(one.target.endpoint(), f.kind->id);
}

using AllExamined = std::vector<std::unique_ptr<Examined>>;

/// What the tasks of one run share.
struct Run {
  Loop& loop;
  const RunPlan& plan;
  HostGates gates;
  std::optional<SocketAddress> proxy;
  DnsServers dns;
  const std::function<void(const Examined&)>& on_done;
  std::vector<AllExamined> done;  ///< by the order of the targets
  std::size_t next = 0;           ///< target to begin
};

bool names_authority(const HandshakeSeen& h) {
  return !h.certificates.empty() &&
         (!h.certificates.front().ocsp_urls().empty() || !crypto::crl_urls(h.certificates.front()).empty());
}

void note_gaps(const Run& r, Examination& x, const Dialer& dialer) {
  if (x.target.is_http && x.http_port == 0 && !x.quick)
    x.not_tested("http.redirect", "the plain port beside this one is not known; name it with --http-port");
  if (!x.seen.spoke() && x.seen.reach.first.end == Answer::End::not_connected &&
      !x.seen.reach.first.why.empty())
    x.not_tested("reach", x.seen.reach.first.why);
  if (r.plan.proxy && r.plan.revocation && !x.quick && x.seen.handshake && names_authority(*x.seen.handshake))
    x.not_tested("cert.revoked", "by a proxy only the target is asked");
  if (!dialer.throttled().empty())
    x.not_tested("throttled", "the server limits this machine's connections: " + dialer.throttled());
}

Task<Unit> examine(Run& r, SocketAddress address, std::string far_host, Examined& one) {
  const TimePoint begun = r.loop.now();
  const RunLimits& l = r.plan.limits;
  Dialer dialer(
      r.loop, address,
      {.connect = l.connect, .answer = l.answer, .connections = l.connections, .end = begun + l.address},
      *one.target.protocol, {.server = one.target.server_name()}, one.target.port,
      {.proxy = r.plan.proxy, .far_host = std::move(far_host), .gate = r.gates.at(address.host())});
  one.seen.now = WallClock::now();
  Examination x{r.loop,
                one.target,
                dialer,
                http_port_of(r.plan, one.target),
                l.page_bytes,
                r.plan.identity,
                r.plan.quick,
                one.seen,
                r.plan.thorough,
                &r.plan.roots,
                r.plan.revocation && !r.plan.proxy,
                l.crl_bytes,
                r.plan.login};
  for (unsigned stage = 0; stage <= last_stage() && !x.kept_out; ++stage) {
    Gather probes(r.loop);
    for (const Probe& probe : all_probes())
      if (probe.stage == stage && probe.applies(x)) probes.start(probe.run(x));
    co_await probes.all();
  }
  note_gaps(r, x, dialer);
  one.seen.connections += dialer.connections();
  one.took = std::chrono::duration_cast<std::chrono::milliseconds>(r.loop.now() - begun);
  co_return Unit{};
}

std::shared_ptr<const MailFacts> without_domain(const MailFacts& facts) {
  auto out = std::make_shared<MailFacts>(facts);
  out->tells_of_domain = false;
  return out;
}

/// Of --resolve, for the web on its own port; empty: none.
std::string address_named_for(const RunPlan& plan, const std::string& host) {
  constexpr std::uint16_t kHttps = 443;
  for (const Resolve& row : plan.resolve)
    if (row.host == host && row.port == kHttps) return row.address;
  return {};
}

/// What is looked up for a target: another address that was named for it, else its host.
std::string host_of(const RunPlan& plan, const Target& target) {
  if (!plan.connect_to.empty()) return plan.connect_to;
  const std::string& host = target.reached_by.empty() ? target.host : target.reached_by;
  const std::string lower = ascii_lower(host);
  for (const Resolve& row : plan.resolve)
    if (row.host == lower && row.port == target.port) return row.address;
  return host;
}

Examined& add_examined(AllExamined& out, const Target& target, std::string address) {
  out.push_back(std::make_unique<Examined>());
  out.back()->target = target;
  out.back()->address = std::move(address);
  return *out.back();
}

/// The proxy looks the name up, so which addresses it has is not known.
Task<Unit> examine_by_proxy(Run& r, const Target& target, AllExamined& out) {
  std::string far = host_of(r.plan, target);
  Examined& one = add_examined(out, target, fmt::format("{} by {}", far, r.plan.proxy->text()));
  co_await examine(r, *r.proxy, std::move(far), one);
  judge(r.plan, one);
  settle(r.plan, one);
  co_return Unit{};
}

/// By the resolver that was named, else by the system's.
Task<Result<std::vector<SocketAddress>>> addresses_of(Run& r, std::string host, std::uint16_t port) {
  if (r.plan.resolver.empty()) co_return co_await look_up(r.loop, std::move(host), port);
  co_return co_await ask_addresses(r.loop, r.dns, std::move(host), port);
}

Task<Unit> note_dns(Run& r, const Target& target, std::shared_ptr<const DnsFacts>& out) {
  out = std::make_shared<const DnsFacts>(co_await gather_dns(r.loop, r.dns, target));
  co_return Unit{};
}

/// What DNS says of a name counts for the server that DNS leads to.
bool dns_counts(const Run& r, const Target& target) {
  return !r.plan.quick && (target.by_tls() || target.is_ssh()) &&
         (!r.plan.resolver.empty() || host_of(r.plan, target) == target.host);
}

Task<Unit> examine_host(Run& r, const Target& target, std::shared_ptr<const MailFacts> mail,
                        AllExamined& out) {
  const auto addresses = co_await addresses_of(r, host_of(r.plan, target), target.port);
  if (!addresses) {
    add_examined(out, target, {}).seen.not_tested.push_back({"reach", addresses.error().text()});
    co_return Unit{};
  }
  const std::size_t wanted =
      r.plan.one_address ? 1 : std::min<std::size_t>(addresses->size(), r.plan.limits.addresses);
  std::shared_ptr<const DnsFacts> dns;
  Gather all(r.loop);
  if (dns_counts(r, target)) all.start(note_dns(r, target, dns));
  for (std::size_t i = 0; i < wanted; ++i) {
    const SocketAddress& address = (*addresses)[i];
    all.start(examine(r, address, {}, add_examined(out, target, address.text())));
  }
  co_await all.all();
  for (const auto& one : out) {
    one->seen.dns = dns;
    if (dns) std::ranges::copy(dns->not_tested, std::back_inserter(one->seen.not_tested));
    one->seen.mail = mail;
    // One tells of the domain as a whole.
    if (mail && mail->tells_of_domain) mail = without_domain(*mail);
    judge(r.plan, *one);
  }
  judge_differences(out);
  for (const auto& one : out) settle(r.plan, *one);
  if (wanted < addresses->size() && !r.plan.one_address)
    out.back()->seen.not_tested.push_back(
        {"reach", std::to_string(addresses->size() - wanted) + " more addresses were left out"});
  co_return Unit{};
}

/// The hosts that take the mail of a domain, each with all its addresses.
Task<Unit> examine_domain(Run& r, const Target& target, AllExamined& out) {
  const RunLimits& l = r.plan.limits;
  const std::string domain = target.server_name();
  const PolicyFetch fetch{r.plan.roots, address_named_for(r.plan, "mta-sts." + domain), l.connect, l.answer};
  auto mail = co_await gather_mail(r.loop, r.dns, domain, fetch);
  if (!mail || mail->takes_no_mail) {
    add_examined(out, target, {})
        .seen.not_tested.push_back(
            {"mail.hosts", mail ? "the domain takes no mail (RFC 7505)" : mail.error().text()});
    co_return Unit{};
  }
  const std::size_t wanted = std::min<std::size_t>(mail->hosts.size(), l.mail_hosts);
  mail->tells_of_domain = true;
  std::shared_ptr<const MailFacts> facts = std::make_shared<const MailFacts>(*std::move(mail));
  for (std::size_t i = 0; i < wanted; ++i) {
    Target one = target;
    one.host = facts->hosts[i];
    AllExamined of_host;
    std::shared_ptr<const MailFacts> told = i == 0 ? facts : without_domain(*facts);
    co_await examine_host(r, one, std::move(told), of_host);
    std::ranges::move(of_host, std::back_inserter(out));
  }
  std::ranges::copy(facts->not_tested, std::back_inserter(out.front()->seen.not_tested));
  if (wanted < facts->hosts.size())
    out.back()->seen.not_tested.push_back({"mail.hosts", std::to_string(facts->hosts.size() - wanted) +
                                                             " more hosts of the domain were left out"});
  co_return Unit{};
}

Task<Unit> examine_target(Run& r, const Target& target, AllExamined& out) {
  if (r.proxy)
    co_await examine_by_proxy(r, target, out);
  else if (r.plan.mail_hosts && target.protocol->id == "smtp" && is_in_dns(target))
    co_await examine_domain(r, target, out);
  else
    co_await examine_host(r, target, nullptr, out);
  co_return Unit{};
}

/// One of several that take the next target when they are done with theirs.
Task<Unit> work(Run& r) {
  while (r.next < r.plan.targets.size()) {
    const std::size_t number = r.next++;
    AllExamined examined;
    co_await examine_target(r, r.plan.targets[number], examined);
    if (r.on_done)
      for (const auto& one : examined) r.on_done(*one);
    if (r.plan.keep) r.done[number] = std::move(examined);
  }
  co_return Unit{};
}

Task<Result<Unit>> run_all(Run& r) {
  if (r.plan.proxy) {
    CO_TRY(const auto addresses, co_await look_up(r.loop, r.plan.proxy->host, r.plan.proxy->port));
    r.proxy = addresses.front();
  }
  Gather crew(r.loop);
  const std::size_t hands =
      std::min<std::size_t>(std::max(1u, r.plan.limits.parallel), r.plan.targets.size());
  for (std::size_t i = 0; i < hands; ++i) crew.start(work(r));
  co_await crew.all();
  co_return Unit{};
}

}  // namespace

namespace {

/// Those that are named, else the system's.
Result<DnsServers> dns_servers(const RunPlan& plan) {
  constexpr std::size_t kMostBytes = 64 * 1024;
  if (!plan.resolver.empty()) return named_dns_server(plan.resolver);
  const auto file = read_file("/etc/resolv.conf", kMostBytes);
  return read_resolv_conf(file ? file->text : "");
}

}  // namespace

Result<std::vector<Examined>> run(const RunPlan& plan, const std::function<void(const Examined&)>& on_done) {
  constexpr unsigned kMostThreads = 16;  // of the system's resolver, which blocks, and of the page parser
  OffloadPool pool(std::clamp(plan.limits.parallel, 1u, kMostThreads));
  TRY(const auto loop, Loop::make(&pool));
  TRY(DnsServers dns, dns_servers(plan));
  Run r{*loop, plan, HostGates(*loop, plan.limits.host), {}, std::move(dns), on_done, {}};
  if (plan.keep) r.done.resize(plan.targets.size());
  Running<Result<Unit>> task(run_all(r));
  task.start();
  while (!task.done()) loop->turn(std::chrono::milliseconds(500));
  TRY_VOID(task.take());
  std::vector<Examined> out;
  for (AllExamined& of_target : r.done)
    for (auto& one : of_target) out.push_back(std::move(*one));
  return out;
}

}  // namespace sally::check
