#include <fmt/format.h>

#include "check/rules/all.h"
#include "tls/groups.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kSilent{"http.http3_unreachable", info, Grade::a_plus, "Alt-Svc announces HTTP/3, and it does not answer: browsers try it and lose time.",
    "Open the UDP port in the firewall, or do not announce it.", "RFC 9114 3.1"};
constexpr FindingKind kWeaker{"http.http3_weaker", low, Grade::a, "HTTP/3 is weaker than HTTPS over TCP: who records its traffic can read it with a quantum computer.",
    "Offer X25519MLKEM768 there too.", "RFC 9001 4.2"};
constexpr FindingKind kOtherCertificate{"http.http3_certificate", info, Grade::a_plus, "HTTP/3 shows another certificate than HTTPS over TCP.",
    "Give both the same one, and renew both together.", "RFC 9114 3.3"};
// clang-format on

bool is_post_quantum(std::uint16_t group) {
  const auto* const facts = tls::group_facts(group);
  return facts && facts->post_quantum;
}

}  // namespace

void judge_http3(const Case& c, Findings& out) {
  if (!c.seen.http3 || !c.seen.http3->announced || c.seen.http3->end == Http3Seen::End::not_asked) return;
  const Http3Seen& h3 = *c.seen.http3;
  if (!h3.has_session()) {
    out.add(kSilent, fmt::format("UDP port {}: {}.", h3.port, h3.why));
    return;
  }
  if (!c.seen.handshake || !c.seen.handshake->completed) return;
  const HandshakeSeen& tcp = *c.seen.handshake;
  if (is_post_quantum(tcp.group) && !is_post_quantum(h3.group)) {
    const auto* const facts = tls::group_facts(h3.group);
    out.add(kWeaker, fmt::format("It picks {}.", facts ? facts->name : "another group"));
  }
  if (!h3.certificates.empty() && !tcp.certificates.empty()) {
    const auto theirs = crypto::Certificate::from_der(as_bytes(h3.certificates.front()));
    if (theirs && theirs->fingerprint() != tcp.certificates.front().fingerprint())
      out.add(kOtherCertificate, fmt::format("Its SHA-256 is {}.", crypto::hex(theirs->fingerprint())));
  }
}

}  // namespace sally::check
