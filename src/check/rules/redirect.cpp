#include <fmt/format.h>

#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kNoRedirect{"redirect", medium, Grade::a, "Plain http is served and not redirected to https.",
    "Answer every request on the http port with a redirect to https of the same host.", "RFC 9110 15.4"};
constexpr FindingKind kOffHost{"redirect.off_host", low, Grade::a, "The redirect from http leads to another host first, so HSTS never covers this one.",
    "Redirect to https of the same host first.", "RFC 6797 7.2"};
constexpr FindingKind kLate{"redirect.late", low, Grade::a, "The redirect from http takes more than one step in plain text.",
    "Let the first redirect lead to https of the same host.", "RFC 6797 7.2"};
constexpr FindingKind kToHttp{"redirect.downgrade", high, Grade::c, "The https answer redirects to plain http.", "Redirect to an https address.", "RFC 9110 15.4"};
constexpr FindingKind kCircle{"redirect.circle", high, Grade::c, "The redirects go round in a circle: browsers show an error instead of a page.",
    "Let one of the addresses answer; behind a proxy that ends TLS tell the application that the client came by https.", "RFC 9110 15.4"};
constexpr FindingKind kTooLong{"redirect.too_long", medium, Grade::a, "There are more than ten redirects in a row.", "Redirect to the last address at once.", "RFC 9110 15.4"};
constexpr FindingKind kBadAddress{"redirect.address", medium, Grade::a, "A redirect leads to something that is no web address.", "Send an https address in Location.", "RFC 9110 10.2.2"};
constexpr FindingKind kOpossum{"opossum", high, Grade::c, "The plain http port offers TLS inside a plain connection: answers can be swapped with those of the https port.",
    "Switch it off (Apache: SSLEngine optional becomes SSLEngine off; CUPS and others: no Upgrade: TLS).", "CVE-2025-49812"};
// clang-format on

std::string trail(const Chain& chain) {
  std::string out;
  for (const Hop& hop : chain.hops) out += (out.empty() ? "" : " -> ") + hop.url;
  return chain.next.empty() ? out : out + " -> " + chain.next;
}

void judge_chain(const Chain& chain, Findings& out) {
  if (chain.end == Chain::End::circle) out.add(kCircle, trail(chain) + ".");
  if (chain.end == Chain::End::too_long) out.add(kTooLong, trail(chain) + ".");
  if (chain.end == Chain::End::bad_address) out.add(kBadAddress, trail(chain) + ".");
}

void judge_plain(const Case& c, const PlainHttpSeen& plain, Findings& out) {
  if (plain.upgrades_to_tls.value_or(false))
    out.add(kOpossum, fmt::format("Port {} answers Upgrade: TLS/1.0 with Upgrade.", plain.port));
  if (!plain.answer) return;
  const Chain& chain = plain.chain;
  const HttpAnswer& last = chain.hops.back().answer;
  judge_chain(chain, out);
  const bool elsewhere_secure = chain.end == Chain::End::elsewhere && chain.next.starts_with("https:");
  const bool refuses = chain.end == Chain::End::answered && last.status >= 400;  // nothing is served there
  if (elsewhere_secure) {
    if (!c.target.is_literal) out.add(kOffHost, fmt::format("Port {}: {}.", plain.port, trail(chain)));
  } else if (chain.end == Chain::End::to_https) {
    if (chain.hops.size() > 1) out.add(kLate, trail(chain) + ".");
  } else if (!refuses && chain.end != Chain::End::circle) {
    const std::string* const to = last.field("location");
    out.add(kNoRedirect,
            fmt::format("Port {} answers {}{}.", plain.port, last.status, to ? " to " + *to : ""));
  }
}

}  // namespace

void judge_redirect(const Case& c, Findings& out) {
  if (c.seen.plain_http) judge_plain(c, *c.seen.plain_http, out);
  if (!c.seen.page) return;
  const Chain& chain = c.seen.page->chain;
  judge_chain(chain, out);
  const bool to_http = chain.end == Chain::End::to_http ||
                       (chain.end == Chain::End::elsewhere && chain.next.starts_with("http:"));
  if (!to_http) return;
  const bool back = c.seen.plain_http && c.seen.plain_http->chain.end == Chain::End::to_https;
  if (back && chain.end == Chain::End::to_http)
    out.add(kCircle, trail(chain) + " -> " + c.seen.plain_http->chain.next + ".");
  else
    out.add(kToHttp, trail(chain) + ".");
}

}  // namespace sally::check
