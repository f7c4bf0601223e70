#include <fmt/format.h>

#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kClear{"ftp.prot_p", medium, Grade::b, "Files and listings may be transferred in clear beside a control connection with TLS.",
    "Refuse data connections without TLS (vsftpd: force_local_data_ssl=YES, force_anon_data_ssl=YES; ProFTPD: TLSRequired on).", "RFC 4217 9"};
constexpr FindingKind kNoProtection{"ftp.prot_p", high, Grade::c, "Data connections cannot be protected: PROT P is refused.",
    "Turn TLS on for data connections, or update the server.", "RFC 4217 9"};
constexpr FindingKind kResumption{"ftp.session_reuse", info, Grade::a_plus, "Data connections must take up the TLS session of the control connection; clients that cannot do so fail.",
    "Nothing need be changed unless such clients matter (vsftpd: require_ssl_reuse=NO).", "RFC 4217 10.2"};
// clang-format on

}  // namespace

void judge_ftp(const Case& c, Findings& out) {
  if (!c.seen.ftp_data) return;
  const FtpDataSeen& s = *c.seen.ftp_data;
  if (s.in_clear == true)
    out.add(kClear, fmt::format("To LIST after PROT C it said \"{}\".", s.answer_in_clear));
  if (s.offers_protection == false) out.add(kNoProtection, "PROT P was refused.");
  if (s.wants_resumption == true)
    out.add(kResumption, fmt::format("To LIST with a new session it said \"{}\".", s.answer_protected));
}

}  // namespace sally::check
