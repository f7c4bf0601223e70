#include <fmt/format.h>

#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kAbsent{"sstp.absent", high, Grade::none, "There is no SSTP server at this address.",
    "Turn SSTP on, or correct name and port; a proxy in front must let the method SSTP_DUPLEX_POST through.", "MS-SSTP 3.2.5.1"};
constexpr FindingKind kNoCall{"sstp.no_call", high, Grade::none, "The server agrees to SSTP and then takes no call.",
    "Look into the log of the server behind the one that answers: nobody there speaks SSTP, or it refuses PPP.", "MS-SSTP 3.3.5.2"};
constexpr FindingKind kSha1{"sstp.sha1_binding", low, Grade::a, "A call may be bound to the certificate with SHA-1 only.", "Let the server offer SHA-256 (or update it).", "MS-SSTP 2.2.5"};
// clang-format on

}  // namespace

void judge_sstp(const Case& c, Findings& out) {
  if (!c.seen.sstp) return;
  const SstpSeen& s = *c.seen.sstp;
  if (!s.agreed) return out.add(kAbsent, fmt::format("The duplex POST was answered \"{}\".", s.answer));
  if (!s.call) return;  // it stands among what was not tested
  if (!s.call->acknowledged)
    return out.add(kNoCall, "CALL_CONNECT_REQUEST was answered by CALL_CONNECT_NAK.");
  if (s.call->sha1 && !s.call->sha256) out.add(kSha1, "CALL_CONNECT_ACK names SHA-1 alone.");
}

}  // namespace sally::check
