#include <algorithm>

#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

/// Of the suites that were seen, those whose key exchange is on a curve.
std::vector<std::uint16_t> curve_suites(const VersionSeen& v) {
  std::vector<std::uint16_t> out;
  for (const std::uint16_t code : v.suites)
    if (const tls::SuiteFacts f = tls::suite_facts(code); f.tls13 || f.name.contains("ECDHE_"))
      out.push_back(code);
  return out;
}

std::uint16_t group_of(const tls::ServerFlight& f) {
  if (f.hello->version == tls::kTls13) return f.hello->group();
  return f.key_exchange ? f.key_exchange->group : std::uint16_t{0};
}

}  // namespace

Task<Unit> probe_groups(Examination& x) {
  const VersionSeen* const version = x.seen.version(x.seen.best_version());
  const std::vector<std::uint16_t> suites = curve_suites(*version);
  if (suites.empty()) co_return Unit{};
  const auto until = version->version == tls::kTls13 ? tls::FlightReader::Until::hello
                                                     : tls::FlightReader::Until::hello_done;
  GroupsSeen out;
  tls::HelloOffer offer = version_hello(version->version, suites, x.target.server_name());
  // The walk over the suites has found some on its way.
  for (const std::uint16_t known : version->groups_used)
    if (std::erase(offer.groups, known) != 0) out.groups.push_back(known);
  while (!offer.groups.empty()) {
    const Answer answer = co_await x.dialer.ask(build_hello(offer), until);
    if (!answer.has_hello()) {
      out.complete = answer.is_refusal();
      if (!out.complete) x.not_tested("kx.groups", "the server " + answer.text());
      break;
    }
    const std::uint16_t group = group_of(answer.flight);
    if (std::erase(offer.groups, group) == 0) {
      x.not_tested("kx.groups", "the server picked a group that was not offered");
      break;
    }
    out.groups.push_back(group);
    out.complete = offer.groups.empty();
  }
  x.seen.groups = std::move(out);
  co_return Unit{};
}

}  // namespace sally::check
