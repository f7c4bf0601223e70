// What DNS says about the certificate.
#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "check/dns_facts.h"
#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kNoCaa{"cert.caa", low, Grade::a_plus, "No CAA record says who may issue certificates for this name, so any authority may.",
    "Add a CAA record with the authority that you use.", "RFC 8659"};
constexpr FindingKind kNobody{"cert.caa", low, Grade::a_plus, "CAA forbids every authority to issue: the next renewal will fail.",
    "Name the authority that you use in the CAA record.", "RFC 8659 4.2"};
constexpr FindingKind kMailDane{"cert.dane", high, Grade::c, "No TLSA record is about the certificate that is shown: servers that keep to DANE deliver no mail here.",
    "Publish a TLSA record (3 1 1) of the present key, and before each change of key one of the next.", "RFC 7672 3.1, RFC 6698"};
constexpr FindingKind kDane{"cert.dane", medium, Grade::b, "No TLSA record is about the certificate that is shown.",
    "Publish a TLSA record (3 1 1) of the present key, or remove the old ones.", "RFC 6698, RFC 7671"};
constexpr FindingKind kUnsigned{"cert.dane", low, Grade::a_plus, "There are TLSA records, but the zone is not signed: nobody may count on them.",
    "Sign the zone (DNSSEC), or remove the records.", "RFC 6698 4.1"};
// clang-format on

/// Who may issue what a server without a wildcard needs.
bool nobody_may_issue(const DnsFacts::Caa& caa) {
  bool limited = false, somebody = false;
  for (const CaaRecord& r : caa.records) {
    if (r.tag != "issue") continue;
    limited = true;
    somebody |= !r.value.empty() && r.value.front() != ';';
  }
  return limited && !somebody;
}

void judge_caa(const Case& c, const DnsFacts::Caa& caa, Findings& out) {
  const auto& sent = c.seen.handshake->certificates;
  // Public authorities alone look at CAA; theirs are the certificates that say where their issuer's is.
  const bool is_public = c.roots.verify(sent.front(), std::span(sent).subspan(1), c.seen.now).trusted &&
                         !sent.front().issuer_urls().empty();
  if (caa.at.empty() && is_public)
    out.add(kNoCaa, fmt::format("Neither at {} nor above it.", c.target.server_name()));
  if (nobody_may_issue(caa)) out.add(kNobody, fmt::format("The record at {} is issue \";\".", caa.at));
}

void judge_tlsa(const Case& c, const DnsFacts::Tlsa& tlsa, Findings& out) {
  if (tlsa.records.empty() && tlsa.unreadable == 0) return;
  if (!tlsa.signed_) return out.add(kUnsigned, fmt::format("{} at {}.", tlsa.records.size(), tlsa.at));
  const bool mail = c.target.protocol->id == "smtp" || c.target.protocol->id == "smtps";
  if (dane_agrees(tlsa.records, c.seen.handshake->certificates, mail)) return;
  const auto usable =
      std::ranges::count_if(tlsa.records, [&](const TlsaRecord& r) { return r.is_usable(mail); });
  out.add(mail ? kMailDane : kDane,
          tlsa.records.empty() ? fmt::format("What stands at {} cannot be read.", tlsa.at)
                               : fmt::format("{} of {} records at {} can be used; the first is {}.", usable,
                                             tlsa.records.size(), tlsa.at, tlsa.records.front().text()));
}

}  // namespace

void judge_dns(const Case& c, Findings& out) {
  if (!c.seen.dns || !c.seen.handshake || c.seen.handshake->certificates.empty()) return;
  if (c.seen.dns->caa) judge_caa(c, *c.seen.dns->caa, out);
  if (c.seen.dns->tlsa) judge_tlsa(c, *c.seen.dns->tlsa, out);
}

}  // namespace sally::check
