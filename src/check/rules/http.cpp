#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "base/ascii.h"
#include "check/alt_svc.h"
#include "check/observatory.h"
#include "check/rules/all.h"
#include "http/date.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kSniffing{"http.x_content_type_options", info, Grade::a_plus, "X-Content-Type-Options: nosniff is missing.", "Send it with every answer.", "Fetch 3.6"};
constexpr FindingKind kBanner{"http.banner", info, Grade::a_plus, "The server tells its version.", "Send the name without a number.", ""};
constexpr FindingKind kNoH2{"http.http2", info, Grade::a_plus, "HTTP/2 is not offered.", "Turn it on: pages with many parts load faster.", "RFC 9113"};
constexpr FindingKind kNoPolicy{"http.csp", info, Grade::a_plus, "No Content-Security-Policy: scripts that were slipped into a page run.",
    "Begin with Content-Security-Policy: default-src 'self'; object-src 'none'; frame-ancestors 'self' and add what the page needs.", "CSP 3"};
constexpr FindingKind kWeakPolicy{"http.csp_weak", info, Grade::a_plus, "Content-Security-Policy lets scripts run that were slipped into a page.",
    "Name hosts or nonces for script-src, drop 'unsafe-inline' and whole schemes, and set object-src 'none'.", "CSP 3, 6.7"};
constexpr FindingKind kOddPolicy{"http.csp_syntax", info, Grade::a_plus, "Content-Security-Policy has directives that browsers ignore.", "Correct the spelling; name each directive once.", "CSP 3, 2.2.1"};
constexpr FindingKind kFrames{"http.x_frame_options", info, Grade::a_plus, "Other sites can show the page in a frame and catch clicks.",
    "Send Content-Security-Policy: frame-ancestors 'self', and X-Frame-Options: SAMEORIGIN for old browsers.", "CSP 3, 6.4.2"};
constexpr FindingKind kReferrer{"http.referrer_policy", info, Grade::a_plus, "Referrer-Policy tells other sites whole addresses, or is not valid.", "Send strict-origin-when-cross-origin or no-referrer.", "Referrer Policy 3"};
constexpr FindingKind kCors{"http.cors", medium, Grade::b, "Any site may read the answers that visitors get with their cookies.",
    "Allow the origins that need it by name, and never send back what the request says.", "Fetch 3.2"};
constexpr FindingKind kIntegrity{"http.sri", info, Grade::a_plus, "Scripts of other hosts have no integrity: whoever changes them there runs here.", "Add integrity and crossorigin to the script elements, or serve them yourself.", "SRI"};
constexpr FindingKind kAltSvc{"http.alt_svc", info, Grade::a_plus, "Alt-Svc breaks its grammar, so browsers ignore it.", "Send it like h3=\":443\"; ma=86400.", "RFC 7838 3"};
constexpr FindingKind kClock{"http.clock", info, Grade::a_plus, "The server's clock is wrong, or this machine's is.", "Keep the time by NTP.", "RFC 9110 6.6.1"};
constexpr FindingKind kBreach{"http.breach", low, Grade::a, "The page is compressed and holds a secret: its length tells it bit by bit to who can make a visitor ask.",
    "Mask the token anew in every answer, or send pages with tokens uncompressed.", "CVE-2013-3587"};
// clang-format on
constexpr std::int64_t kClockSlack = 300;  ///< seconds

void judge_banners(const HttpAnswer& answer, Findings& out) {
  std::vector<std::string> telling;
  for (const char* const name :
       {"server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator"})
    for (const std::string& value : answer.all(name))
      if (std::ranges::any_of(value, is_digit)) telling.push_back(value);
  if (!telling.empty()) out.add(kBanner, fmt::format("{}.", fmt::join(telling, ", ")));
}

void judge_policy(const PageSeen& page, Findings& out) {
  const std::vector<Csp> policies = policies_of(page);
  if (policies.empty()) {
    const bool reported = page.answer()->field("content-security-policy-report-only") != nullptr;
    out.add(kNoPolicy,
            reported ? "The policy is only reported, not enforced." : "The page has no such field.");
    return;
  }
  const CspStrength strength = strength_of(policies);
  if (strength.unsafe_inline || strength.unsafe_eval || strength.insecure_scheme)
    out.add(kWeakPolicy, strength.unsafe_inline     ? "Inline scripts run, or scripts from anywhere."
                         : strength.insecure_scheme ? "Code may come by plain http."
                                                    : "eval() is allowed.");
  std::vector<std::string> odd;
  for (const Csp& one : policies) {
    odd.insert(odd.end(), one.unknown.begin(), one.unknown.end());
    for (const std::string& name : one.twice) odd.push_back(name + " (again)");
  }
  if (odd.size() > 10) odd.resize(10);
  if (!odd.empty()) out.add(kOddPolicy, fmt::format("{}.", fmt::join(odd, ", ")));
}

const ObservatoryRow* row_of(const Observatory& o, std::string_view test) {
  const auto found = std::ranges::find(o.rows, test, &ObservatoryRow::test);
  return found == o.rows.end() ? nullptr : &*found;
}

/// Findings where the Observatory takes points away.
void judge_row(const Case& c, const Observatory& o, const FindingKind& kind, std::string_view test,
               Findings& out) {
  const ObservatoryRow* const row = row_of(o, test);
  if (!row || row->points >= 0) return;
  const std::string* const value = c.seen.page->answer()->field(test);
  out.add(kind, value ? fmt::format("{}: {}.", test, *value) : fmt::format("{}: {}.", test, row->outcome));
}

void judge_clock(const Case& c, const HttpAnswer& answer, Findings& out) {
  const std::string* const text = answer.field("date");
  if (!text) return;
  const auto date = http::parse_date(*text);
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(c.seen.now.time_since_epoch()).count();
  if (!date)
    out.add(kClock, fmt::format("Date: {} is no date.", *text));
  else if (std::abs(*date - now) > kClockSlack)
    out.add(kClock, fmt::format("Date: {}, {} seconds {}.", *text, std::abs(*date - now),
                                *date > now ? "ahead" : "behind"));
}

void judge_page_fields(const Case& c, const PageSeen& page, Findings& out) {
  judge_policy(page, out);
  const auto o = observatory_of(c.target, c.seen, {});
  judge_row(c, *o, kFrames, "x-frame-options", out);
  judge_row(c, *o, kReferrer, "referrer-policy", out);
  judge_row(c, *o, kIntegrity, "subresource-integrity", out);
  const std::string* const who = page.answer()->field("access-control-allow-origin");
  if (const ObservatoryRow* const cors = row_of(*o, "cross-origin-resource-sharing");
      who && cors && cors->points < 0)
    out.add(kCors, fmt::format("Asked by {}, the answer allows it, with credentials.", *who));
  if (const std::string* const alt = page.answer()->field("alt-svc"); alt && !parse_alt_svc(*alt).valid)
    out.add(kAltSvc, *alt + ".");
  if (!page.coding.empty() && page.parts && !page.parts->secrets.empty())
    out.add(kBreach,
            fmt::format("Compressed by {}, with {}.", page.coding, fmt::join(page.parts->secrets, ", ")));
}

}  // namespace

void judge_http(const Case& c, Findings& out) {
  if (!c.seen.http) return;
  const std::string* const sniff = c.seen.http->field("x-content-type-options");
  if (!sniff || !ascii_iequals(*sniff, "nosniff"))
    out.add(kSniffing,
            sniff ? *sniff + "." : fmt::format("The answer {} has no such field.", c.seen.http->status));
  judge_banners(*c.seen.http, out);
  judge_clock(c, *c.seen.http, out);
  if (c.seen.page && c.seen.page->answer() && c.seen.page->chain.end == Chain::End::answered)
    judge_page_fields(c, *c.seen.page, out);
  if (c.seen.handshake && c.seen.handshake->completed && c.seen.handshake->alpn != "h2" && c.seen.strict_alpn)
    out.add(kNoH2, "ALPN does not pick h2.");
}

}  // namespace sally::check
