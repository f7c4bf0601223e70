// Is the certificate revoked: by the stapled answer, the authority's responder, its list.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "check/rules/all.h"
#include "crypto/ocsp_answer.h"

namespace sally::check {
namespace {

using crypto::Certificate;
using enum Severity;
// clang-format off
constexpr FindingKind kRevoked{"cert.revoked", critical, Grade::t, "The certificate is revoked.",
    "Make a new key and have a certificate made for it. Chrome says ERR_CERT_REVOKED, Firefox SEC_ERROR_REVOKED_CERTIFICATE.", "RFC 5280 5, RFC 6960 2.2"};
constexpr FindingKind kBadStaple{"cert.ocsp_stapling", medium, Grade::b, "The stapled OCSP answer is of no use.",
    "Let the server fetch a new one: look for its way to the responder, or turn stapling off.", "RFC 6066 8"};
// clang-format on

std::string day(WallTime t) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(t))); }

std::string told(std::string_view by, const std::optional<WallTime>& at, const std::string& reason) {
  return fmt::format("By {}{}{}.", by, at ? ", since " + day(*at) : "",
                     reason.empty() ? "" : ", for " + reason);
}

void judge_staple(const Case& c, Findings& out) {
  const HandshakeSeen& h = *c.seen.handshake;
  if (h.staple.empty()) return;
  const auto issuer = c.roots.issuer_of(h.certificates, c.seen.now);
  const auto answer = crypto::read_ocsp_answer(as_bytes(std::string_view(h.staple)), h.certificates.front(),
                                               issuer ? &*issuer : nullptr);
  if (!answer) return out.add(kBadStaple, fmt::format("{}.", answer.error().detail()));
  if (answer->status == crypto::OcspAnswer::Status::revoked)
    return out.add(kRevoked,
                   told("the answer that the server itself staples", answer->revoked_at, answer->reason));
  if (answer->next_update && *answer->next_update < c.seen.now)
    out.add(kBadStaple, fmt::format("It ended on {}.", day(*answer->next_update)));
  else if (answer->status == crypto::OcspAnswer::Status::unknown)
    out.add(kBadStaple, "The responder does not know the certificate.");
}

}  // namespace

void judge_revocation(const Case& c, Findings& out) {
  if (!c.seen.handshake || c.seen.handshake->certificates.empty()) return;
  judge_staple(c, out);
  for (const RevocationSeen& seen : c.seen.revocation)
    if (seen.revoked) out.add(kRevoked, told(seen.source + " at " + seen.url, seen.revoked_at, seen.reason));
}

}  // namespace sally::check
