#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "check/observatory.h"
#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
using Use = PagePart::Use;
// clang-format off
constexpr FindingKind kBlocked{"mixed.blockable", high, Grade::c, "The page loads parts by plain http that browsers block: they are missing.",
    "Write https in these addresses; until then Content-Security-Policy: upgrade-insecure-requests makes browsers do it.", "Mixed Content 5.2"};
constexpr FindingKind kUpgraded{"mixed.upgradable", low, Grade::a, "The page names images or media by plain http; browsers ask for them by https, and they are missing where there is none.",
    "Write https in these addresses.", "Mixed Content 5.1"};
constexpr FindingKind kForm{"mixed.form", high, Grade::c, "A form of the page is sent by plain http: what was typed travels in clear.", "Let action be an https address.", "Mixed Content 5.3"};
constexpr FindingKind kRefresh{"mixed.refresh", high, Grade::c, "The page sends its visitors on to plain http.", "Let meta refresh lead to an https address.", "HTML 4.2.5.3"};
constexpr FindingKind kByPolicy{"mixed.by_policy", info, Grade::a_plus, "Addresses of plain http are mended by the policy upgrade-insecure-requests.", "Write https in these addresses.", "Upgrade Insecure Requests 3"};
constexpr FindingKind kObsolete{"mixed.obsolete_policy", info, Grade::a_plus, "block-all-mixed-content is obsolete: browsers do that by themselves.", "Remove it, or use upgrade-insecure-requests.", "Mixed Content 8"};
// clang-format on
constexpr std::size_t kMostShown = 5;

std::string shown(const std::vector<const PagePart*>& parts) {
  std::vector<std::string> texts;
  for (const PagePart* const p : parts) {
    std::string text = fmt::format("{} {}", p->element, p->url);
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
  }
  const std::size_t more = texts.size() > kMostShown ? texts.size() - kMostShown : 0;
  texts.resize(texts.size() - more);
  return fmt::format("{}{}.", fmt::join(texts, ", "), more > 0 ? fmt::format(", and {} more", more) : "");
}

bool names(std::span<const Csp> policies, std::string_view directive) {
  return std::ranges::any_of(policies, [&](const Csp& one) { return one.has(directive); });
}

const FindingKind& kind_of(Use use) {
  switch (use) {
    case Use::image:
      return kUpgraded;
    case Use::form:
      return kForm;
    case Use::refresh:
      return kRefresh;
    case Use::code:
      break;
  }
  return kBlocked;
}

}  // namespace

void judge_mixed(const Case& c, Findings& out) {
  if (!c.seen.page || !c.seen.page->parts) return;
  const std::vector<Csp> policies = policies_of(*c.seen.page);
  const bool upgraded = names(policies, "upgrade-insecure-requests");
  std::map<Use, std::vector<const PagePart*>> open;
  std::vector<const PagePart*> mended;
  for (const PagePart& part : c.seen.page->parts->parts) {
    if (part.secure) continue;
    // Leaving for another site is not covered by the policy (Upgrade Insecure Requests 3.2).
    if (upgraded && part.use != Use::refresh)
      mended.push_back(&part);
    else
      open[part.use].push_back(&part);
  }
  for (const Use use : {Use::code, Use::form, Use::refresh, Use::image})
    if (open.contains(use)) out.add(kind_of(use), shown(open[use]));
  if (!mended.empty()) out.add(kByPolicy, shown(mended));
  if (names(policies, "block-all-mixed-content")) out.add(kObsolete, "The policy of the page.");
}

}  // namespace sally::check
