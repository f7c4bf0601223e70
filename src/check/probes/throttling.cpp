#include <fmt/format.h>

#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"
#include "loop/sleep.h"

namespace sally::check {
namespace {

constexpr std::chrono::milliseconds kPause{3000};

/// Whatever was not answered meanwhile tells nothing about the server.
void forget_refusals(const std::string& why, Observations& seen) {
  for (VersionSeen& v : seen.versions) {
    v.complete = false;
    v.known = v.offered;
    v.why = why;
  }
}

}  // namespace

Task<Unit> probe_throttling(Examination& x) {
  const std::string hello = build_hello(browser_hello(x.target.server_name(), x.target.is_http));
  const unsigned before = x.dialer.connections();
  const Answer again = co_await x.dialer.ask(hello);
  if (again.has_hello()) co_return Unit{};
  const std::string why = fmt::format(
      "to the hello that it answered at first the server {} after {} connections", again.text(), before);
  x.dialer.be_gentle(why);
  forget_refusals(why, x.seen);
  x.not_tested("proto.versions", "what was refused meanwhile tells nothing: " + why);
  co_await Sleep(x.loop, x.loop.now() + kPause);
  const Answer later = co_await x.dialer.ask(hello);
  x.kept_out = !later.has_hello();
  co_return Unit{};
}

}  // namespace sally::check
