// What a mail domain demands of senders, and whether its hosts keep to it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "check/dns_facts.h"
#include "check/mail_facts.h"
#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kNoSts{"mail.mta_sts", low, Grade::a_plus, "Nothing tells senders to insist on TLS: the domain has no MTA-STS policy, and this host no DANE.",
    "Publish a policy at https://mta-sts.DOMAIN/.well-known/mta-sts.txt and a TXT record at _mta-sts.DOMAIN; begin with mode: testing.", "RFC 8461"};
constexpr FindingKind kBadSts{"mail.mta_sts", medium, Grade::b, "The domain announces an MTA-STS policy that senders cannot use.",
    "Mend what is said here; until then senders deliver as if there were none.", "RFC 8461 3"};
constexpr FindingKind kTesting{"mail.mta_sts", info, Grade::a_plus, "The MTA-STS policy is not enforced.", "Change mode to enforce once the reports show no failures, and give the record a new id.", "RFC 8461 5"};
constexpr FindingKind kShort{"mail.mta_sts", low, Grade::a_plus, "The MTA-STS policy is forgotten within a week.", "Raise max_age to some weeks: 1209600 or more.", "RFC 8461 3.2"};
constexpr FindingKind kOutside{"mail.mta_sts", high, Grade::c, "The MTA-STS policy does not name this host: senders will not deliver to it.",
    "Add it to the policy as an mx line, and give the record a new id; or remove the host's MX record.", "RFC 8461 4.1"};
constexpr FindingKind kNotReported{"mail.tls_rpt", low, Grade::a_plus, "Nobody hears of it when senders fail to use TLS.",
    "Publish a TXT record at _smtp._tls.DOMAIN: v=TLSRPTv1; rua=mailto:tls-reports@DOMAIN", "RFC 8460 3"};
constexpr FindingKind kBadReports{"mail.tls_rpt", low, Grade::a_plus, "The record that asks for TLS reports cannot be read.", "Write it as: v=TLSRPTv1; rua=mailto:tls-reports@DOMAIN", "RFC 8460 3"};
// clang-format on

constexpr std::chrono::seconds kWeek{604800};

bool has_dane(const Case& c) {
  return c.seen.dns && c.seen.dns->tlsa && c.seen.dns->tlsa->signed_ && !c.seen.dns->tlsa->records.empty();
}

void judge_domain(const Case& c, const MailFacts& m, Findings& out) {
  if (m.sts_id && m.sts_id->empty() && !has_dane(c))
    out.add(kNoSts, fmt::format("No record at _mta-sts.{}.", m.domain));
  if (!m.sts_trouble.empty()) out.add(kBadSts, m.sts_trouble + ".");
  if (m.policy && m.policy->mode != MtaStsPolicy::Mode::enforce)
    out.add(kTesting, fmt::format("mode: {}", mode_name(m.policy->mode)));
  if (m.policy && m.policy->mode != MtaStsPolicy::Mode::none && m.policy->max_age < kWeek)
    out.add(kShort, fmt::format("max_age: {}", m.policy->max_age.count()));
  if (!m.reports_trouble.empty())
    out.add(kBadReports, m.reports_trouble + ".");
  else if (m.reports && m.reports->empty())
    out.add(kNotReported, fmt::format("No record at _smtp._tls.{}.", m.domain));
}

}  // namespace

void judge_mail(const Case& c, Findings& out) {
  if (!c.seen.mail) return;
  const MailFacts& m = *c.seen.mail;
  if (m.tells_of_domain) judge_domain(c, m, out);
  if (m.policy && m.policy->mode == MtaStsPolicy::Mode::enforce && !m.policy->covers(c.target.host))
    out.add(kOutside, fmt::format("{} is an MX of {}; the policy names {}.", c.target.host, m.domain,
                                  fmt::join(m.policy->mx, ", ")));
}

}  // namespace sally::check
