#include <algorithm>

#include "check/alt_svc.h"
#include "check/gather.h"
#include "check/http3_ask.h"
#include "check/http_fetch.h"
#include "check/probes/all.h"

namespace sally::check {
namespace {

constexpr std::chrono::milliseconds kSilence{1000};  ///< UDP that is filtered says nothing

/// The port of this host that Alt-Svc names for h3; 0: none. Another host is not asked.
std::uint16_t announced_port(const Examination& x) {
  const std::string* const value = x.seen.http ? x.seen.http->field("alt-svc") : nullptr;
  if (!value) return 0;
  for (const AltService& one : parse_alt_svc(*value).services)
    if (one.protocol == "h3" && (one.host.empty() || one.host == x.target.host)) return one.port;
  return 0;
}

Task<Unit> ask_versions(Loop& loop, SocketAddress at, std::vector<std::uint32_t>& out) {
  out = co_await ask_quic_versions(loop, at, kSilence);
  co_return Unit{};
}

Task<Unit> ask_page(Loop& loop, Http3Question question, Http3Seen& out) {
  out = co_await ask_over_http3(loop, std::move(question));
  co_return Unit{};
}

}  // namespace

/// The port that is announced, else the one of HTTPS: there browsers may try it unasked (RFC 9460).
Task<Unit> probe_http3(Examination& x) {
  const std::uint16_t announced = announced_port(x);
  const std::uint16_t port = announced != 0 ? announced : x.target.port;
  const auto at = SocketAddress::numeric(x.dialer.address().host(), port);
  if (!at) co_return Unit{};
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(x.dialer.limits().end - x.loop.now());
  if (left < kSilence) {
    x.not_tested("http.http3", "no time was left");
    co_return Unit{};
  }
  Http3Question question;
  question.address = *at;
  question.server_name = x.target.server_name();
  question.authority = root_of(x.target, "https", x.target.port).authority();
  question.path = "/";
  question.agent = "sallyport-check";
  question.silence = kSilence;
  question.patience = std::min(left, x.dialer.limits().answer);
  Http3Seen page;
  std::vector<std::uint32_t> versions;
  Gather both(x.loop);
  both.start(ask_page(x.loop, std::move(question), page));
  both.start(ask_versions(x.loop, *at, versions));
  co_await both.all();
  page.announced = announced != 0;
  page.port = port;
  if (page.versions.empty()) page.versions = std::move(versions);
  if (page.end == Http3Seen::End::not_asked) x.not_tested("http.http3", page.why);
  x.seen.connections += page.has_session() ? 1 : 0;
  x.seen.http3 = std::move(page);
  co_return Unit{};
}

}  // namespace sally::check
