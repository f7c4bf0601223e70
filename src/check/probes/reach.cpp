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
std::vector<Rung> rungs(const std::string& name) {
  std::vector<Rung> out;
  if (!name.empty()) {
    out.push_back({"without a server name", browser_hello("")});
    out.push_back({"with another server name", browser_hello("www.example.net")});
  }
  Rung plain{"without ALPN", browser_hello(name)};
  plain.offer.alpn.clear();
  out.push_back(std::move(plain));
  Rung twelve{"with TLS 1.2 only", browser_hello(name)};
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

}  // namespace

Task<Unit> probe_reach(Examination& x) {
  const std::string name = x.target.server_name();
  x.seen.reach.first = co_await x.dialer.ask(build_hello(browser_hello(name)));
  if (x.seen.reach.first.has_hello() || !came_to_tls(x.seen.reach.first)) co_return Unit{};
  const std::vector<Rung> all = rungs(name);
  std::vector<Answer> answers(all.size());
  // Side by side: a server that says nothing would take the same time for each.
  Gather climb(x.loop);
  for (std::size_t i = 0; i < all.size(); ++i) climb.start(ask_into(x, all[i], answers[i]));
  co_await climb.all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool works = answers[i].has_hello();
    x.seen.reach.ladder.emplace_back(all[i].what, std::move(answers[i]));
    if (works) break;
  }
  co_return Unit{};
}

}  // namespace sally::check
