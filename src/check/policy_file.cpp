#include "check/policy_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "check/report/words.h"
#include "config/block.h"
#include "config/toml.h"
#include "proto/ssh/algorithms.h"
#include "tls/groups.h"
#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kGrade{"policy.grade", high, Grade::a_plus, "The grade is worse than the policy allows.", "Mend what the other findings name.", "the policy"};
constexpr FindingKind kVersion{"policy.version", high, Grade::a_plus, "A version of TLS is offered that the policy does not allow.", "Switch it off.", "the policy"};
constexpr FindingKind kSuite{"policy.suite", high, Grade::a_plus, "Cipher suites are offered that the policy does not allow.", "Leave them out.", "the policy"};
constexpr FindingKind kGroup{"policy.group", high, Grade::a_plus, "Key exchange groups are offered that the policy does not allow.", "Leave them out.", "the policy"};
constexpr FindingKind kLifetime{"policy.lifetime", high, Grade::a_plus, "The certificate is valid for longer than the policy allows.", "Have it issued for a shorter time.", "the policy"};
constexpr FindingKind kLeft{"policy.days_left", high, Grade::a_plus, "The certificate ends sooner than the policy allows.", "Renew it, and look why it was not renewed by itself.", "the policy"};
constexpr FindingKind kSsh{"policy.ssh", high, Grade::a_plus, "SSH algorithms are offered that the policy does not allow.", "Leave them out.", "the policy"};
constexpr FindingKind kOver{"policy.waiver_over", info, Grade::a_plus, "A finding was let pass until a day that is over.", "Mend it, or give a new reason and day.", "the policy"};
// clang-format on

std::string check_version(std::string_view name) {
  for (const std::uint16_t v : {tls::kSsl3, tls::kTls10, tls::kTls11, tls::kTls12, tls::kTls13})
    if (tls::version_name(v) == name) return "";
  return "is no version: SSL 3.0, TLS 1.0, TLS 1.1, TLS 1.2, TLS 1.3";
}

std::string check_suite(std::string_view name) {
  static const auto kNames = [] {
    std::set<std::string_view> out;
    for (unsigned code = 0; code <= 0xffff; ++code)
      if (const std::string_view one = tls::suite_facts(static_cast<std::uint16_t>(code)).name; !one.empty())
        out.insert(one);
    return out;
  }();
  return kNames.contains(name) ? "" : "is no cipher suite of the registry: TLS_AES_128_GCM_SHA256";
}

std::string check_group(std::string_view name) {
  const bool known = std::ranges::find(tls::registered_groups(), name, &tls::GroupFacts::name) !=
                     tls::registered_groups().end();
  return known ? "" : "is no group of the registry: X25519MLKEM768, x25519, secp256r1";
}

std::string check_day(std::string_view text) {
  const bool sound = text.size() == 10 && text[4] == '-' && text[7] == '-' &&
                     std::ranges::count_if(text, is_digit) == 8 && text.substr(5, 2) >= "01" &&
                     text.substr(5, 2) <= "12" && text.substr(8) >= "01" && text.substr(8) <= "31";
  return sound ? "" : "is no day: \"2027-01-31\"";
}

std::string check_filled(std::string_view text) { return text.empty() ? "must not be empty" : ""; }

/// Those that are not allowed, each once.
std::vector<std::string> others(const std::vector<std::string>& seen,
                                const std::vector<std::string>& allowed) {
  std::vector<std::string> out;
  for (const std::string& one : seen)
    if (std::ranges::find(allowed, one) == allowed.end() && std::ranges::find(out, one) == out.end())
      out.push_back(one);
  return out;
}

void judge_names(const FindingKind& kind, const std::vector<std::string>& seen,
                 const std::vector<std::string>& allowed, Findings& out) {
  if (allowed.empty()) return;
  if (const auto more = others(seen, allowed); !more.empty())
    out.add(kind, fmt::format("{}.", fmt::join(more, ", ")));
}

std::int64_t days(WallTime from, WallTime to) {
  return std::chrono::duration_cast<std::chrono::hours>(to - from).count() / 24;
}

void judge_certificate(const Policy& p, const Observations& seen, Findings& out) {
  if (!seen.handshake || seen.handshake->certificates.empty()) return;
  const crypto::Certificate& leaf = seen.handshake->certificates.front();
  const std::int64_t whole = days(leaf.not_before(), leaf.not_after()),
                     left = days(seen.now, leaf.not_after());
  if (p.lifetime_days && whole > *p.lifetime_days)
    out.add(kLifetime, fmt::format("{} days, {} are allowed.", whole, *p.lifetime_days));
  if (p.days_left && left < *p.days_left)
    out.add(kLeft, fmt::format("{} days are left until {}, {} are wanted.", left, day(leaf.not_after()),
                               *p.days_left));
}

/// What the level does not take, and what nobody here knows.
void judge_ssh(const Policy& p, const Observations& seen, Findings& out) {
  if (p.ssh == ssh::Level::none || !seen.ssh || !seen.ssh->lists) return;
  using ssh::Use;
  const ssh::Lists& l = *seen.ssh->lists;
  const std::pair<Use, const std::vector<std::string>&> all[] = {
      {Use::kex, l.kex},          {Use::host_key, l.host_key}, {Use::cipher, l.cipher_out},
      {Use::cipher, l.cipher_in}, {Use::mac, l.mac_out},       {Use::mac, l.mac_in}};
  std::vector<std::string> allowed, offered;
  for (const auto& [use, names] : all)
    for (const std::string& name : names) {
      const ssh::AlgorithmFacts* const row = ssh::algorithm_facts(use, name);
      offered.push_back(name);
      if (ssh::is_marker(name) || (row && row->level <= p.ssh)) allowed.push_back(name);
    }
  if (const auto more = others(offered, allowed); !more.empty())
    out.add(kSsh, fmt::format("{}.", fmt::join(more, ", ")));
}

/// The waiver that holds for it; nullptr: none. One that is over is noted instead.
const Waiver* waiver_of(const Policy& p, const Finding& f, const std::string& endpoint,
                        const std::string& today, Findings& out) {
  const Waiver* over = nullptr;
  for (const Waiver& w : p.ignore) {
    if (w.id != f.kind->id || (!w.target.empty() && w.target != endpoint)) continue;
    if (today <= w.until) return &w;
    over = &w;
  }
  if (over) out.add(kOver, fmt::format("{} until {}: {}.", over->id, over->until, over->reason));
  return nullptr;
}

}  // namespace

const config::Block<Waiver>& Waiver::block() {
  using config::Text;
  static const config::Block<Waiver> kBlock =
      config::Block<Waiver>("A finding that is let pass.")
          .key("id", &Waiver::id, Text{check_filled}, "The finding's id, as in the report.")
          .key("target", &Waiver::target, Text{}, "Only at this endpoint, host:port; otherwise everywhere.")
          .key("reason", &Waiver::reason, Text{check_filled}, "Why, for whoever reads the report.")
          .key("until", &Waiver::until, Text{check_day, "2027-01-31"},
               "The last day on which it is let pass.")
          .repeated();
  return kBlock;
}

const config::Block<Policy>& Policy::block() {
  using config::Count, config::List, config::Text;
  static const config::Words<Grade> kGrades{{{"A+", Grade::a_plus},
                                             {"A", Grade::a},
                                             {"B", Grade::b},
                                             {"C", Grade::c},
                                             {"D", Grade::d},
                                             {"E", Grade::e},
                                             {"F", Grade::f},
                                             {"-", Grade::none}}};
  constexpr std::size_t kMost = 400;
  static const config::Words<ssh::Level> kLevels{{{"hardened", ssh::Level::hardened},
                                                  {"intermediate", ssh::Level::intermediate},
                                                  {"any", ssh::Level::none}}};
  static const config::Block<Policy> kBlock =
      config::Block<Policy>("What must hold at every endpoint.")
          .key("grade", &Policy::grade, kGrades, "The worst grade that is taken; \"-\": any.")
          .key("versions", &Policy::versions, List<Text>{{check_version, "TLS 1.2"}, 0, 8},
               "Versions that may be offered; none named: any.")
          .key("suites", &Policy::suites, List<Text>{{check_suite, "TLS_AES_128_GCM_SHA256"}, 0, kMost},
               "Cipher suites that may be offered.")
          .key("groups", &Policy::groups, List<Text>{{check_group, "X25519MLKEM768"}, 0, 64},
               "Key exchange groups that may be offered.")
          .key("lifetime_days", &Policy::lifetime_days, Count{1, 10000},
               "Most days that a certificate is valid in all.")
          .key("days_left", &Policy::days_left, Count{0, 10000}, "Fewest days until a certificate ends.")
          .key("ssh", &Policy::ssh, kLevels, "What an SSH server may offer: hardened, intermediate, any.")
          .blocks("ignore", &Policy::ignore, Waiver::block(), 1000);
  return kBlock;
}

Result<Policy> read_policy(const std::filesystem::path& path) {
  TRY(const config::Node node, config::read_toml(path));
  TRY(Policy out, config::parse(node, Policy::block(), path.parent_path()));
  for (const Waiver& w : out.ignore)
    if (w.id.empty() || w.reason.empty() || w.until.empty())
      return fail(config::kInvalid, path.string() + ": each [[ignore]] needs id, reason and until");
  return out;
}

void hold_against(const Policy& policy, const Target& target, const Observations& seen, Grade grade,
                  std::vector<Finding>& findings) {
  if (!seen.spoke()) return;
  Findings broken;
  if (policy.grade != Grade::none && grade > policy.grade)
    broken.add(kGrade, fmt::format("{}, the policy wants {}.", grade_name(grade), grade_name(policy.grade)));
  std::vector<std::string> versions, suites;
  for (const VersionSeen& v : seen.versions) {
    if (!v.offered) continue;
    versions.push_back(tls::version_name(v.version));
    for (std::string& one : suite_names(v)) suites.push_back(std::move(one));
  }
  judge_names(kVersion, versions, policy.versions, broken);
  judge_names(kSuite, suites, policy.suites, broken);
  if (seen.groups) judge_names(kGroup, group_names(seen.groups->groups), policy.groups, broken);
  judge_certificate(policy, seen, broken);
  judge_ssh(policy, seen, broken);
  const std::string endpoint = target.endpoint(), today = day(seen.now);
  for (Finding& f : findings) {
    const Waiver* const waiver = waiver_of(policy, f, endpoint, today, broken);
    if (!waiver) continue;
    f.known = true;
    f.waived = fmt::format("until {}: {}", waiver->until, waiver->reason);
  }
  for (Finding& f : broken.take()) findings.push_back(std::move(f));
  std::ranges::stable_sort(findings, std::greater(), [](const Finding& f) { return f.kind->severity; });
}

}  // namespace sally::check
