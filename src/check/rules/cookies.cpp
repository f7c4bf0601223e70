#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/ascii.h"
#include "check/cookie.h"
#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kCookie{"cookie.secure", medium, Grade::a, "A cookie lacks Secure: it travels in clear as soon as one http:// request is made.",
    "Add Secure; HttpOnly; SameSite=Lax to it.", "RFC 6265 4.1.2.5"};
constexpr FindingKind kSessionCookie{"cookie.httponly", low, Grade::a, "A cookie that looks like a session lacks HttpOnly: scripts can read it.", "Add HttpOnly to it.", "RFC 6265 4.1.2.6"};
constexpr FindingKind kSameSite{"cookie.samesite", low, Grade::a, "A cookie says SameSite=None without Secure: browsers drop it.", "Add Secure to it.", "RFC 6265bis 5.7"};
constexpr FindingKind kPrefix{"cookie.prefix", medium, Grade::a, "A cookie breaks what its prefix promises: browsers drop it.",
    "__Host- needs Secure, Path=/ and no Domain; __Secure- needs Secure.", "RFC 6265bis 4.1.3"};
constexpr FindingKind kDropped{"cookie.dropped", low, Grade::a, "Browsers throw a cookie away.", "Mend what the evidence names, or send no such cookie.", "RFC 6265bis 5.7"};
constexpr FindingKind kForgery{"cookie.csrf", low, Grade::a, "A cookie against forged requests lacks SameSite.", "Add SameSite=Lax or Strict to it.", "RFC 6265bis 5.7.3"};
constexpr FindingKind kNoSameSite{"cookie.samesite_missing", info, Grade::a_plus, "A cookie lacks SameSite: what it means then differs between browsers.", "Add SameSite=Lax to it.", "RFC 6265bis 5.7.3"};
// clang-format on

/// Names of cookies, for one finding each.
struct Faults {
  std::vector<std::string> open, scripted, lost, broken, dropped, forged, unnamed;

  static void add(std::vector<std::string>& to, std::string text) {
    if (std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
  }

  void note(const Cookie& c) {
    if (c.same_site == Cookie::SameSite::none && !c.secure)
      add(lost, c.name);
    else if (c.dropped.starts_with("__"))
      add(broken, fmt::format("{} ({})", c.name, c.dropped));
    else if (!c.dropped.empty())
      add(dropped, fmt::format("{} ({})", c.name, c.dropped));
    else if (!c.secure)
      add(open, c.name);
    if (!c.http_only && c.is_session()) add(scripted, c.name);
    if (c.same_site != Cookie::SameSite::absent) return;
    add(c.is_anti_csrf() ? forged : unnamed, c.name);
  }
};

void tell(const FindingKind& kind, const std::vector<std::string>& names, Findings& out) {
  if (!names.empty()) out.add(kind, fmt::format("{}.", fmt::join(names, ", ")));
}

}  // namespace

void judge_cookies(const Case& c, Findings& out) {
  if (!c.seen.http) return;
  const std::string host = ascii_lower(c.target.is_literal ? c.target.host : c.target.server_name());
  Faults faults;
  const auto note_all = [&](const HttpAnswer& answer) {
    for (const std::string& line : answer.all("set-cookie")) faults.note(read_cookie(line, host));
  };
  note_all(*c.seen.http);
  if (c.seen.page)
    for (const Hop& hop : c.seen.page->chain.hops) note_all(hop.answer);
  tell(kCookie, faults.open, out);
  tell(kSessionCookie, faults.scripted, out);
  tell(kSameSite, faults.lost, out);
  tell(kPrefix, faults.broken, out);
  tell(kDropped, faults.dropped, out);
  tell(kForgery, faults.forged, out);
  tell(kNoSameSite, faults.unnamed, out);
}

}  // namespace sally::check
