#include "check/hsts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
constexpr std::uint64_t kHalfYear = 15552000, kYear = 31536000;
// clang-format off
constexpr const char* kMend = "Send Strict-Transport-Security: max-age=63072000; includeSubDomains with every https answer, once all names have https.";
constexpr FindingKind kMissing{"hsts.present", medium, Grade::a, "HSTS is missing: a first visit by http:// can be caught on its way.", kMend, "RFC 6797 6.1"};
constexpr FindingKind kShort{"hsts.age", low, Grade::a, "HSTS lasts less than 180 days.", kMend, "RFC 6797 6.1.1"};
constexpr FindingKind kOff{"hsts.age", low, Grade::a, "HSTS is switched off by max-age=0.", "That is right while backing out of https, for as long as the longest max-age that was ever sent; otherwise send max-age=63072000.", "RFC 6797 6.1.1"};
constexpr FindingKind kSyntax{"hsts.syntax", medium, Grade::a, "The HSTS header breaks its grammar, so browsers may ignore it.", kMend, "RFC 6797 6.1"};
constexpr FindingKind kTwice{"hsts.syntax", medium, Grade::a, "HSTS is sent more than once; browsers obey the first.", "Send it once: one of server and application is enough.", "RFC 6797 8.1"};
constexpr FindingKind kPreload{"hsts.preload_ready", info, Grade::a_plus, "The header asks for preloading but does not meet the list's demands.",
    "Preloading needs max-age of a year or more, includeSubDomains, and a redirect from http to https of the same host first; without the wish for it remove preload.", "hstspreload.org"};
// clang-format on

/// Of the demands of hstspreload.org those that one endpoint can show.
void judge_preload(const Case& c, const Hsts& hsts, const std::string& value, Findings& out) {
  std::string missing;
  if (*hsts.max_age < kYear) missing += " max-age is below a year.";
  if (!hsts.include_subdomains) missing += " includeSubDomains is missing.";
  if (const auto& plain = c.seen.plain_http; plain && plain->answer) {
    const Chain& chain = plain->chain;
    if (chain.end != Chain::End::to_https || chain.hops.size() != 1)
      missing += " The first redirect from http does not lead to https of this host.";
  }
  if (!missing.empty()) out.add(kPreload, value + "." + missing);
}

}  // namespace

void judge_hsts(const Case& c, Findings& out) {
  // RFC 6797 8.1.1: never for an address. Local names share their browser with other ports and projects.
  if (!c.seen.http || c.target.is_local_name()) return;
  const std::vector<std::string> all = c.seen.http->all("strict-transport-security");
  if (all.empty())
    return out.add(kMissing, fmt::format("The answer {} has no such field.", c.seen.http->status));
  if (all.size() > 1) out.add(kTwice, fmt::format("{}.", fmt::join(all, " | ")));
  const Hsts hsts = parse_hsts(all.front());
  if (!hsts.valid()) return out.add(kSyntax, fmt::format("{} {}", all.front(), fmt::join(hsts.faults, " ")));
  if (*hsts.max_age == 0)
    out.add(kOff, all.front() + ".");
  else if (*hsts.max_age < kHalfYear)
    out.add(kShort, all.front() + ".");
  if (hsts.preload) judge_preload(c, hsts, all.front(), out);
}

}  // namespace sally::check
