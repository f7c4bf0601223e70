#include "check/hsts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
constexpr std::uint64_t kHalfYear = 15552000;
// clang-format off
constexpr const char* kMend = "Send Strict-Transport-Security: max-age=63072000; includeSubDomains with every https answer, once all names have https.";
constexpr FindingKind kMissing{"hsts.present", medium, Grade::a, "HSTS is missing: a first visit by http:// can be caught on its way.", kMend, "RFC 6797 6.1"};
constexpr FindingKind kShort{"hsts.age", low, Grade::a, "HSTS lasts less than 180 days.", kMend, "RFC 6797 6.1.1"};
constexpr FindingKind kOff{"hsts.age", low, Grade::a, "HSTS is switched off by max-age=0.", "That is right while backing out of https; otherwise send max-age=63072000.", "RFC 6797 6.1.1"};
constexpr FindingKind kSyntax{"hsts.syntax", medium, Grade::a, "The HSTS header breaks its grammar, so browsers may ignore it.", kMend, "RFC 6797 6.1"};
constexpr FindingKind kTwice{"hsts.syntax", medium, Grade::a, "HSTS is sent more than once; browsers obey the first.", "Send it once: one of server and application is enough.", "RFC 6797 8.1"};
constexpr FindingKind kPreload{"hsts.preload_ready", info, Grade::a_plus, "The header asks for preloading but does not meet the list's demands.",
    "Preloading needs max-age of a year or more, includeSubDomains and preload; without the wish for it remove preload.", "hstspreload.org"};
// clang-format on

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
  if (hsts.preload && !hsts.preload_ready()) out.add(kPreload, all.front() + ".");
}

}  // namespace sally::check
