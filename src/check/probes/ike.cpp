#include <fmt/format.h>
#include <fmt/ranges.h>

#include "check/gather.h"
#include "check/ike_survey.h"
#include "check/probes/all.h"
#include "net/connect.h"

namespace sally::check {
namespace {

constexpr std::uint16_t kIkePort = 500, kNatPort = 4500;
constexpr const char* kSilence =
    "no answer came. That is neither closed nor safe: a filter, a lost datagram, a server that answers only "
    "the "
    "addresses it knows, and one that has had enough of this machine look alike";

IkeManner manner(const Examination& x, bool marked) {
  return {.marked = marked, .patience = x.dialer.limits().answer, .end = x.dialer.limits().end};
}

void note_broken(Examination& x, const Error& error) {
  Answer& first = x.seen.reach.first;
  first.end = error.is(kConnectRefused) ? Answer::End::refused
              : error.is(kUnreachable)  ? Answer::End::unreachable
                                        : Answer::End::not_connected;
  first.why = error.text();
}

struct Surveyed {
  IkeSeen seen;
  bool heard = false;
  std::vector<std::string> gaps;
};

Task<Result<Unit>> survey(Examination& x, bool marked, Surveyed& out) {
  CO_TRY(const Line wire, co_await x.dialer.connect());
  IkeSurvey survey(x.loop, *wire, manner(x, marked), x.quick);
  const auto done = co_await survey.run();
  out.seen = survey.take();
  out.heard = survey.heard();
  out.gaps = survey.gaps();
  if (!done) co_return fail(done.error().kind(), std::string(done.error().detail()));
  co_return Unit{};
}

/// Behind a translator of addresses clients move on to port 4500 (RFC 7296 2.23).
Task<Unit> ask_nat_port(Examination& x, IkePort& out) {
  const auto wire = co_await x.dialer.connect(kNatPort);
  if (!wire) co_return Unit{};
  IkeSurvey survey(x.loop, **wire, manner(x, true), true);
  const auto there = co_await survey.is_there();
  if (there) out = *there ? IkePort::answers : IkePort::silent;
  if (!there && there.error().is(kConnectRefused)) out = IkePort::closed;
  co_return Unit{};
}

/// On a port of somebody's own choice nobody knows whether the marker belongs there: one question tells.
Task<bool> wants_marker(Examination& x) {
  if (x.target.port == kIkePort || x.target.port == kNatPort) co_return x.target.port == kNatPort;
  for (const bool marked : {false, true}) {
    const auto wire = co_await x.dialer.connect();
    if (!wire) break;
    IkeManner how = manner(x, marked);
    how.patience /= 3;
    IkeSurvey survey(x.loop, **wire, how, true);
    const auto there = co_await survey.is_there();
    if (!there) break;
    if (*there) co_return marked;
  }
  co_return false;
}

Task<Unit> survey_any(Examination& x, Surveyed& out, std::optional<Error>& broken) {
  const bool marked = co_await wants_marker(x);
  auto done = co_await survey(x, marked, out);
  if (!done) broken.emplace(std::move(done).error());
  co_return Unit{};
}

void note(Examination& x, Surveyed& all) {
  const IkeSeen& seen = all.seen;
  if (!all.heard) return x.not_tested("ipsec", kSilence);
  x.seen.reach.first.why = "speaks IKE";
  if (!seen.v2 && !seen.main_mode && !seen.aggressive)
    return x.not_tested(
        "ipsec",
        "the server speaks IKE and takes nothing that was proposed: it has no connection for this "
        "machine's address, or takes transforms that are not known here");
  if (seen.v2 && x.quick) x.not_tested("ipsec.transforms", "--quick asks for groups only");
  if (!all.gaps.empty())
    x.not_tested("ipsec.transforms", fmt::format("the server did not say {}", fmt::join(all.gaps, ", ")));
  if (seen.refuses_v2)
    x.not_tested("ipsec.version2", "version 2 is answered, and everything that was proposed is refused");
  x.seen.ike = std::make_shared<const IkeSeen>(std::move(all.seen));
}

}  // namespace

Task<Unit> probe_ike(Examination& x) {
  Surveyed all;
  IkePort other = IkePort::untested;
  std::optional<Error> broken;
  Gather together(x.loop);
  together.start(survey_any(x, all, broken));
  if (x.target.port == kIkePort) together.start(ask_nat_port(x, other));
  co_await together.all();
  if (broken && !all.heard) {
    note_broken(x, *broken);
    co_return Unit{};
  }
  if (broken) all.gaps.push_back("more: " + broken->text());
  all.seen.other_port = other;
  note(x, all);
  co_return Unit{};
}

}  // namespace sally::check
