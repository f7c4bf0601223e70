#include <algorithm>

#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"

namespace sally::check {
namespace {

/// Two hellos with the same suites, once in each direction: the same pick means that the server chose.
Task<Unit> ask_both_ways(Examination& x, VersionSeen& v) {
  std::vector<std::uint16_t> suites = v.suites;
  const Answer forth =
      co_await x.dialer.ask(build_hello(version_hello(v.version, suites, x.target.server_name())));
  std::ranges::reverse(suites);
  const Answer back =
      co_await x.dialer.ask(build_hello(version_hello(v.version, suites, x.target.server_name())));
  if (!forth.has_hello() || !back.has_hello())
    x.not_tested("cipher.order",
                 tls::version_name(v.version) + ": the server " + (forth.has_hello() ? back : forth).text());
  else
    v.server_order = forth.flight.hello->suite == back.flight.hello->suite;
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_preference(Examination& x) {
  // The picks of the walk tell it where they are many. The order matters only where strong and weak suites
  // meet: up to TLS 1.2.
  for (const std::uint16_t version : {tls::kTls12, tls::kTls11, tls::kTls10, tls::kSsl3}) {
    const auto found = std::ranges::find(x.seen.versions, version, &VersionSeen::version);
    if (found == x.seen.versions.end() || found->suites.size() < 2) continue;
    if (!found->server_order) co_await ask_both_ways(x, *found);
    break;
  }
  co_return Unit{};
}

}  // namespace sally::check
