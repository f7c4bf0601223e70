#include <fmt/format.h>
#include <fmt/ranges.h>

#include "check/rules/all.h"
#include "tls/hello_builder.h"
#include "tls/signature_names.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kWeak{"kx.signature", medium, Grade::b, "The handshake is signed with SHA-1 or worse if a client asks for it: such signatures can be forged.",
    "Allow only signatures with SHA-256 and more, or raise the security level of the TLS library to 2.", "RFC 9155"};
constexpr FindingKind kWeak13{"kx.signature", high, Grade::c, "TLS 1.3 goes on with a client that offers only signatures with SHA-1 or worse, which TLS 1.3 forbids.",
    "Update the TLS library of the server.", "RFC 8446 4.2.3"};
constexpr FindingKind kTicketLong{"proto.ticket_lifetime", low, Grade::a, "A session ticket of TLS 1.2 lasts longer than a week: as long, the key that sealed it opens what was recorded.",
    "Shorten the lifetime to an hour, and change ticket keys every day.", "RFC 9325 3.4"};
constexpr FindingKind kTicketTooLong{"proto.ticket_lifetime", medium, Grade::b, "A TLS 1.3 session ticket lasts longer than the seven days that are allowed.",
    "Shorten the lifetime to an hour.", "RFC 8446 4.6.1"};
constexpr FindingKind kNotTaken{"proto.resumption", info, Grade::a_plus, "Sessions are given and not taken back: every handshake is a full one.",
    "Share the ticket keys or the session cache among all processes and machines that answer for this name.", "RFC 8446 2.2"};
// clang-format on

constexpr std::uint32_t kWeek = 7 * 86400;

void judge_tickets(const Case& c, Findings& out) {
  const auto& h = c.seen.handshake;
  const auto& r = c.seen.resumption;
  const std::uint32_t newest = h && h->version == tls::kTls13 ? h->ticket_lifetime : 0;
  const std::uint32_t older = r ? r->ticket_lifetime : 0;
  if (newest > kWeek) out.add(kTicketTooLong, fmt::format("The server says {} seconds.", newest));
  if (older > kWeek) out.add(kTicketLong, fmt::format("The server says {} seconds.", older));
  const bool lost13 = h && h->gave_session && h->resumed == false;
  const bool lost12 = r && r->ticket_given && r->by_ticket == false;
  if (lost13 || lost12)
    out.add(kNotTaken,
            fmt::format("A second connection with the session of the first ({}) made a full handshake.",
                        lost13 ? tls::version_name(h->version) : "TLS 1.2"));
}

}  // namespace

void judge_signatures(const Case& c, Findings& out) {
  for (const SignaturesSeen& s : c.seen.signatures) {
    if (s.weak != true) continue;
    std::vector<std::string> names;
    for (const std::uint16_t code : s.algorithms)
      if (tls::is_weak_signature(code)) names.push_back(tls::signature_name(code));
    if (s.version == tls::kTls13)
      out.add(kWeak13, "A hello of TLS 1.3 with SHA-1, MD5 and DSA alone was answered.");
    else
      out.add(kWeak, fmt::format("TLS 1.2 with {}.", fmt::join(names, ", ")));
  }
  judge_tickets(c, out);
}

}  // namespace sally::check
