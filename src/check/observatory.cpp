#include "check/observatory.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "check/cookie.h"
#include "check/hsts.h"

namespace sally::check {
namespace {

constexpr std::uint64_t kHalfYear = 15552000;

/// What the tests look at.
struct Visit {
  const Target& target;
  const Observations& seen;
  const PageSeen& page;
  const HttpAnswer& answer;
  bool certificate_sound;
  std::vector<Csp> policies;
};

ObservatoryRow policy_row(const Visit& v) {
  constexpr std::string_view kTest = "content-security-policy";
  if (v.policies.empty())
    return {kTest, v.answer.field("content-security-policy-report-only") ? "only reported" : "missing", -25};
  const CspStrength s = strength_of(v.policies);
  if (s.insecure_scheme) return {kTest, "code may come by plain http", -20};
  if (s.unsafe_inline) return {kTest, "scripts that were slipped in run", -20};
  if (s.unsafe_eval) return {kTest, "eval() is allowed", -10};
  if (s.insecure_passive_scheme) return {kTest, "images may come by plain http", -10};
  if (s.unsafe_inline_style) return {kTest, "inline styles are allowed", 0};
  if (s.deny_by_default) return {kTest, "nothing but what is named", 10};
  return {kTest, "no unsafe source", 5};
}

ObservatoryRow cookie_row(const Visit& v) {
  constexpr std::string_view kTest = "cookies";
  const bool hsts = v.answer.field("strict-transport-security") != nullptr;
  ObservatoryRow worst{kTest, "none", 0};
  bool any = false, all_same_site = true;
  const auto note = [&](std::string_view outcome, int points) {
    if (points < worst.points) worst = {kTest, outcome, points};
  };
  for (const Hop& hop : v.page.chain.hops)
    for (const std::string& line : hop.answer.all("set-cookie")) {
      const Cookie c = read_cookie(line, v.target.host);
      any = true;
      if (c.same_site == Cookie::SameSite::absent) all_same_site = false;
      if (c.same_site == Cookie::SameSite::unknown || (c.same_site == Cookie::SameSite::none && !c.secure))
        note("SameSite is not valid", -20);
      if (c.is_anti_csrf() && c.same_site == Cookie::SameSite::absent)
        note("against forged requests, without SameSite", -20);
      if (c.is_session() && !c.http_only) note("of a session, without HttpOnly", -30);
      if (!c.secure && c.is_session())
        note(hsts ? "of a session, without Secure, behind HSTS" : "of a session, without Secure",
             hsts ? -10 : -40);
      if (!c.secure) note(hsts ? "without Secure, behind HSTS" : "without Secure", hsts ? -5 : -20);
    }
  if (!any || worst.points < 0) return worst;
  return all_same_site ? ObservatoryRow{kTest, "all attributes", 5}
                       : ObservatoryRow{kTest, "secure, some without SameSite", 0};
}

ObservatoryRow cors_row(const Visit& v) {
  constexpr std::string_view kTest = "cross-origin-resource-sharing";
  const std::string* const who = v.answer.field("access-control-allow-origin");
  if (!who) return {kTest, "none", 0};
  const std::string* const credentials = v.answer.field("access-control-allow-credentials");
  if (credentials && ascii_iequals(*credentials, "true") && who->contains("sallyport-check.invalid"))
    return {kTest, "for everybody, with cookies", -50};
  return {kTest, *who == "*" ? "public" : "restricted", 0};
}

ObservatoryRow redirect_row(const Visit& v) {
  constexpr std::string_view kTest = "redirection";
  if (!v.certificate_sound) return {kTest, "to a certificate that is not trusted", -20};
  if (!v.seen.plain_http || !v.seen.plain_http->answer) return {kTest, "not needed: no plain http", 0};
  const Chain& chain = v.seen.plain_http->chain;
  if (chain.end == Chain::End::elsewhere)
    return chain.next.starts_with("https:") ? ObservatoryRow{kTest, "to another host", -5}
                                            : ObservatoryRow{kTest, "not to https", -20};
  if (chain.end == Chain::End::to_https)
    return chain.hops.size() == 1 ? ObservatoryRow{kTest, "to https", 0}
                                  : ObservatoryRow{kTest, "to https, not at once", -10};
  return {kTest, chain.end == Chain::End::answered && chain.hops.size() == 1 ? "missing" : "not to https",
          -20};
}

ObservatoryRow referrer_row(const Visit& v) {
  constexpr std::string_view kTest = "referrer-policy";
  const std::string* const field = v.answer.field("referrer-policy");
  if (!field) return {kTest, "missing", 0};
  // The last value that is known counts (Referrer Policy 8.1).
  std::string value;
  constexpr std::array<std::string_view, 4> kPrivate = {"no-referrer", "same-origin", "strict-origin",
                                                        "strict-origin-when-cross-origin"};
  constexpr std::array<std::string_view, 4> kOpen = {"unsafe-url", "origin", "origin-when-cross-origin",
                                                     "no-referrer-when-downgrade"};
  for (std::string_view rest = *field; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string one = ascii_lower(trim(rest.substr(0, end)));
    if (std::ranges::find(kPrivate, one) != kPrivate.end() || std::ranges::find(kOpen, one) != kOpen.end())
      value = one;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (std::ranges::find(kPrivate, value) != kPrivate.end()) return {kTest, "private", 5};
  return {kTest, value.empty() ? "not valid" : "tells other sites", -5};
}

ObservatoryRow hsts_row(const Visit& v) {
  constexpr std::string_view kTest = "strict-transport-security";
  if (!v.certificate_sound) return {kTest, "with a certificate that is not trusted", -20};
  const std::string* const field = v.answer.field("strict-transport-security");
  if (!field) return {kTest, "missing", -20};
  const Hsts hsts = parse_hsts(*field);
  if (!hsts.valid()) return {kTest, "not valid", -20};
  return *hsts.max_age >= kHalfYear ? ObservatoryRow{kTest, "half a year or more", 0}
                                    : ObservatoryRow{kTest, "less than half a year", -10};
}

ObservatoryRow integrity_row(const Visit& v) {
  constexpr std::string_view kTest = "subresource-integrity";
  if (!v.page.parts) return {kTest, "no HTML", 0};
  const std::vector<ScriptSeen>& scripts = v.page.parts->scripts;
  const auto is_plain = [](const ScriptSeen& s) { return s.url.starts_with("http:"); };
  bool foreign = false, all = true, plain = false, open_plain = false;
  for (const ScriptSeen& s : scripts) {
    foreign |= !s.same_host;
    all &= s.has_integrity || s.same_host;
    plain |= is_plain(s) && s.has_integrity;
    open_plain |= is_plain(s) && !s.has_integrity;
  }
  if (open_plain) return {kTest, "scripts by plain http, without integrity", -50};
  if (plain) return {kTest, "scripts by plain http", -20};
  if (!foreign) return {kTest, scripts.empty() ? "no scripts" : "all scripts are the site's own", 0};
  return all ? ObservatoryRow{kTest, "foreign scripts have integrity", 5}
             : ObservatoryRow{kTest, "foreign scripts without integrity", -5};
}

ObservatoryRow sniffing_row(const Visit& v) {
  constexpr std::string_view kTest = "x-content-type-options";
  const std::string* const field = v.answer.field("x-content-type-options");
  if (!field) return {kTest, "missing", -5};
  return ascii_iequals(trim(*field), "nosniff") ? ObservatoryRow{kTest, "nosniff", 0}
                                                : ObservatoryRow{kTest, "not valid", -5};
}

ObservatoryRow frame_row(const Visit& v) {
  constexpr std::string_view kTest = "x-frame-options";
  if (strength_of(v.policies).frames_named) return {kTest, "by frame-ancestors", 5};
  const std::string* const field = v.answer.field("x-frame-options");
  if (!field) return {kTest, "missing", -20};
  const std::string value = ascii_lower(trim(*field));
  if (value == "deny" || value == "sameorigin") return {kTest, "named", 5};
  return value.starts_with("allow-from") ? ObservatoryRow{kTest, "ALLOW-FROM", 0}
                                         : ObservatoryRow{kTest, "not valid", -20};
}

/// A field with values that are good for 10 points, and values that are worth nothing.
ObservatoryRow isolation_row(const Visit& v, std::string_view test, std::span<const std::string_view> good,
                             std::span<const std::string_view> neutral) {
  const std::string* const field = v.answer.field(test);
  if (!field) return {test, "missing", 0};
  const std::string value = ascii_lower(trim(std::string_view(*field).substr(0, field->find(';'))));
  if (std::ranges::find(good, value) != good.end()) return {test, "isolates", 10};
  if (std::ranges::find(neutral, value) != neutral.end()) return {test, "allows all", 0};
  return {test, "not valid", -5};
}

bool certificate_sound(std::span<const Finding> findings) {
  return std::ranges::none_of(
      findings, [](const Finding& f) { return f.kind->cap == Grade::t || f.kind->cap == Grade::m; });
}

}  // namespace

std::vector<Csp> policies_of(const PageSeen& page) {
  if (!page.answer()) return {};
  const std::vector<std::string> fields = page.answer()->all("content-security-policy");
  std::vector<Csp> out = parse_policies(fields);
  if (!page.parts) return out;
  for (Csp& one : parse_policies(page.parts->policies)) {
    std::erase_if(one.directives,
                  [](const auto& d) { return d.first == "frame-ancestors" || d.first == "sandbox"; });
    out.push_back(std::move(one));
  }
  return out;
}

std::string_view observatory_grade(unsigned score) {
  struct Step {
    unsigned from;
    std::string_view grade;
  };
  constexpr Step kSteps[] = {{100, "A+"}, {90, "A"}, {85, "A-"}, {80, "B+"}, {70, "B"}, {65, "B-"},
                             {60, "C+"},  {50, "C"}, {45, "C-"}, {40, "D+"}, {30, "D"}, {25, "D-"}};
  for (const Step& step : kSteps)
    if (score >= step.from) return step.grade;
  return "F";
}

std::optional<Observatory> observatory_of(const Target& target, const Observations& seen,
                                          std::span<const Finding> findings) {
  if (!seen.page || !seen.page->answer()) return std::nullopt;
  const Visit v{
      target, seen, *seen.page, *seen.page->answer(), certificate_sound(findings), policies_of(*seen.page)};
  constexpr std::array<std::string_view, 2> kSame = {"same-origin", "same-site"},
                                            kEmbed = {"require-corp", "credentialless"};
  constexpr std::array<std::string_view, 3> kOpener = {"same-origin", "same-origin-allow-popups",
                                                       "noopener-allow-popups"};
  constexpr std::array<std::string_view, 1> kCross = {"cross-origin"}, kUnsafe = {"unsafe-none"};
  Observatory out;
  out.rows = {policy_row(v),
              cookie_row(v),
              cors_row(v),
              redirect_row(v),
              referrer_row(v),
              hsts_row(v),
              integrity_row(v),
              sniffing_row(v),
              frame_row(v),
              isolation_row(v, "cross-origin-resource-policy", kSame, kCross),
              isolation_row(v, "cross-origin-embedder-policy", kEmbed, kUnsafe),
              isolation_row(v, "cross-origin-opener-policy", kOpener, kUnsafe)};
  int low = 100, bonus = 0;
  for (const ObservatoryRow& row : out.rows) (row.points < 0 ? low : bonus) += row.points;
  constexpr int kBonusFrom = 90;
  out.score = static_cast<unsigned>(std::max(0, low >= kBonusFrom ? low + bonus : low));
  out.grade = observatory_grade(out.score);
  return out;
}

}  // namespace sally::check
