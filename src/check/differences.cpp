#include "check/differences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "tls/hello_builder.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kDiffer{"address.differs", medium, Grade::b, "The addresses of this name are not set up alike: what a client gets depends on the one that it happens to choose.",
    "Bring the same configuration and certificate to all of them, or take the one that fell behind out of the DNS.", ""};
constexpr FindingKind kDead{"address.dead", high, Grade::c, "Another address of this name speaks no TLS: clients that choose it fail or wait.",
    "Repair it, or take it out of the DNS.", "RFC 8305"};
constexpr FindingKind kOtherCertificate{"address.certificate", info, Grade::a_plus, "Another address of this name shows another certificate.",
    "Nothing need be changed if each has its own.", ""};
// clang-format on

std::string versions_of(const Observations& seen) {
  std::vector<std::string> out;
  for (const VersionSeen& v : seen.versions)
    if (v.offered) out.push_back(tls::version_name(v.version));
  return fmt::format("{}", fmt::join(out, ", "));
}

std::set<std::uint16_t> suites_of(const Observations& seen) {
  std::set<std::uint16_t> out;
  for (const VersionSeen& v : seen.versions) out.insert(v.suites.begin(), v.suites.end());
  return out;
}

/// A version that could not be told is no difference.
bool all_known(const Observations& seen) {
  return std::ranges::all_of(seen.versions, [](const VersionSeen& v) { return v.known && v.complete; });
}

std::set<std::string_view> serious(const Examined& one) {
  std::set<std::string_view> out;
  for (const Finding& f : one.findings)
    if (f.kind->severity >= high) out.insert(f.kind->id);
  return out;
}

std::vector<std::string> differences(const Examined& a, const Examined& b) {
  std::vector<std::string> out;
  if (all_known(a.seen) && all_known(b.seen)) {
    if (versions_of(a.seen) != versions_of(b.seen))
      out.push_back(fmt::format("here {}, there {}", versions_of(b.seen), versions_of(a.seen)));
    else if (suites_of(a.seen) != suites_of(b.seen))
      out.emplace_back("the suites are others");
  }
  std::vector<std::string_view> only;
  std::ranges::set_symmetric_difference(serious(a), serious(b), std::back_inserter(only));
  if (!only.empty()) out.push_back(fmt::format("only one of them has {}", fmt::join(only, ", ")));
  return out;
}

std::optional<std::string> leaf_of(const Examined& one) {
  const auto& h = one.seen.handshake;
  if (!h || h->certificates.empty()) return std::nullopt;
  return h->certificates.front().der();
}

void add(Examined& one, const FindingKind& kind, std::string evidence) {
  one.findings.push_back({&kind, std::move(evidence)});
  std::ranges::stable_sort(
      one.findings, [](const Finding& a, const Finding& b) { return a.kind->severity > b.kind->severity; });
  if (one.grade != Grade::none && kind.cap != Grade::none) one.grade = std::max(one.grade, kind.cap);
}

}  // namespace

void judge_differences(std::span<const std::unique_ptr<Examined>> addresses) {
  const auto first = std::ranges::find_if(addresses, [](const auto& one) { return one->tested(); });
  if (first == addresses.end() || addresses.size() < 2) return;
  std::vector<std::string> dead;
  for (const auto& one : addresses) {
    if (one == *first) continue;
    if (!one->tested()) {
      dead.push_back(fmt::format("{} {}", one->address, one->seen.reach.first.text()));
      continue;
    }
    const auto all = differences(**first, *one);
    if (!all.empty())
      add(*one, kDiffer, fmt::format("Compared with {}: {}.", (*first)->address, fmt::join(all, "; ")));
    else if (leaf_of(**first) != leaf_of(*one))
      add(*one, kOtherCertificate, fmt::format("Compared with {}.", (*first)->address));
  }
  if (!dead.empty()) add(**first, kDead, fmt::format("{}.", fmt::join(dead, "; ")));
}

}  // namespace sally::check
