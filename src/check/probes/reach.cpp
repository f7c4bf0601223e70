#include "check/gather.h"
#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"

namespace sally::check {
namespace {

bool came_to_tls(const Answer& a) {
  switch (a.end) {
    case Answer::End::flight:
    case Answer::End::closed:
    case Answer::End::reset:
    case Answer::End::silent:
    case Answer::End::malformed:
      return true;
    default:
      return false;
  }
}

struct Rung {
  const char* what;
  tls::HelloOffer offer;
};

/// The same hello with one thing changed, the likeliest cause first.
std::vector<Rung> rungs(const std::string& name, bool web) {
  std::vector<Rung> out;
  if (!name.empty()) {
    out.push_back({"without a server name", browser_hello("", web)});
    out.push_back({"with another server name", browser_hello("www.example.net", web)});
  }
  if (web) out.push_back({"without ALPN", browser_hello(name, false)});
  Rung twelve{"with TLS 1.2 only", browser_hello(name, web)};
  twelve.offer.versions.clear();
  twelve.offer.empty_key_share = false;
  twelve.offer.groups = {0x001d, 0x0017, 0x0018};
  out.push_back(std::move(twelve));
  Rung every{"with TLS 1.2 and every suite", version_hello(tls::kTls12, suites_of(tls::kTls12), name)};
  every.offer.suites.resize(100);
  out.push_back(std::move(every));
  Rung old{"with TLS 1.0 only", version_hello(tls::kTls10, suites_of(tls::kTls10), name)};
  old.offer.suites.resize(80);
  out.push_back(std::move(old));
  return out;
}

Task<Unit> ask_into(Examination& x, const Rung& rung, Answer& out) {
  out = co_await x.dialer.ask(build_hello(rung.offer));
  co_return Unit{};
}

/// Where a dialogue was expected and did not begin: is it TLS from the start?
Task<Unit> try_at_once(Examination& x) {
  const auto line = co_await x.dialer.connect();
  if (!line) co_return Unit{};
  const auto sent = co_await send_all(
      **line, build_hello(browser_hello(x.target.server_name(), x.target.is_http)), x.dialer.answer_by());
  if (!sent) co_return Unit{};
  const Answer answer = co_await read_flight(**line, tls::FlightReader::Until::hello, x.dialer.answer_by());
  x.seen.reach.tls_at_once = answer.has_hello();
  co_return Unit{};
}

/// What a browser's hello has beside its contents: size and values that nobody knows.
Task<bool> demanding_one_works(Examination& x, const std::string& name) {
  Answer& first = x.seen.reach.first;
  first = co_await x.dialer.ask(build_hello(demanding_hello(name, x.target.is_http)));
  if (!first.has_hello()) co_return false;
  x.seen.large_hello = x.seen.unknown_values = true;
  co_return true;
}

}  // namespace

Task<Unit> probe_reach(Examination& x) {
  const std::string name = x.target.server_name();
  const bool works = co_await demanding_one_works(x, name);
  Reach& reach = x.seen.reach;
  if (x.target.by_starttls() &&
      (reach.first.end == Answer::End::no_starttls || reach.first.end == Answer::End::not_connected))
    co_await try_at_once(x);
  if (works || !came_to_tls(reach.first)) co_return Unit{};
  const std::vector<Rung> all = rungs(name, x.target.is_http);
  std::vector<Answer> answers(all.size());
  const Rung plain{"", browser_hello(name, x.target.is_http)};
  // Side by side: a server that says nothing would take the same time for each.
  Gather climb(x.loop);
  climb.start(ask_into(x, plain, reach.first));
  for (std::size_t i = 0; i < all.size(); ++i) climb.start(ask_into(x, all[i], answers[i]));
  co_await climb.all();
  // probe_tolerance() finds out what was too much for it.
  if (reach.first.has_hello()) co_return Unit{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool one_works = answers[i].has_hello();
    reach.ladder.emplace_back(all[i].what, std::move(answers[i]));
    if (one_works) break;
  }
  co_return Unit{};
}

}  // namespace sally::check
