#include <algorithm>

#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"

namespace sally::check {

Task<Unit> probe_fallback(Examination& x) {
  std::uint16_t second = 0;
  for (const VersionSeen& v : x.seen.versions)
    if (v.offered && v.version >= tls::kSsl3 && v.version < x.seen.best_version())
      second = std::max(second, v.version);
  std::vector<std::uint16_t> suites = x.seen.version(second)->suites;
  suites.push_back(tls::kFallbackScsv);
  const Answer answer =
      co_await x.dialer.ask(build_hello(version_hello(second, std::move(suites), x.target.server_name())));
  if (answer.has_hello() || answer.is_refusal())
    x.seen.fallback_scsv = !answer.has_hello();
  else
    x.not_tested("proto.fallback_scsv", "the server " + answer.text());
  co_return Unit{};
}

}  // namespace sally::check
