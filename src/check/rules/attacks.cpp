#include <fmt/format.h>

#include <algorithm>

#include "check/rules/all.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kHeartbleed{"heartbleed", critical, Grade::f, "The server answers heartbeats without looking at their length: its memory, keys included, can be read (Heartbleed).",
    "Update OpenSSL at once, then make new keys and certificates: the old ones must count as stolen.", "CVE-2014-0160, RFC 6520 4"};
constexpr FindingKind kHeartbeat{"proto.heartbeat", info, Grade::a_plus, "The heartbeat extension is offered, which nobody needs over TCP.",
    "Update the TLS library: present ones have removed it.", "RFC 6520"};
constexpr FindingKind kEarlyCcs{"ccs", critical, Grade::f, "ChangeCipherSpec is taken before there are keys: who stands in the middle can read and write along.",
    "Update OpenSSL (1.0.1h, 1.0.0m, 0.9.8za or newer).", "CVE-2014-0224"};
constexpr FindingKind kRobot{"robot", critical, Grade::f, "The server tells wrong RSA key exchanges apart: what was recorded can be decrypted, and its key used to sign (ROBOT).",
    "Turn off the suites with RSA key exchange (those that begin with TLS_RSA_), and update the server.", "CVE-2017-13099, RFC 5246 7.4.7.1"};
constexpr FindingKind kPoodleTls{"poodle.tls", critical, Grade::f, "Records with wrong CBC padding are read: what they carry can be decrypted (POODLE for TLS).",
    "Update the server or the device in front of it, and turn off CBC suites.", "CVE-2014-8730, RFC 5246 6.2.3.2"};
constexpr FindingKind kPaddingOracle{"padding_oracle", critical, Grade::f, "A wrong padding and a wrong MAC are answered differently: what CBC suites carry can be decrypted (GOLDENDOODLE, Zombie POODLE).",
    "Update the server or the device in front of it, and turn off CBC suites.", "RFC 5246 6.2.3.2, CVE-2019-1559"};
constexpr FindingKind kRenegotiation{"renego.client", medium, Grade::b, "Clients may begin new handshakes inside a session, which costs the server much more than them.",
    "Turn client-initiated renegotiation off (OpenSSL: SSL_OP_NO_RENEGOTIATION), or offer TLS 1.3 alone.", "CVE-2011-1473, RFC 9325 3.5"};
// clang-format on

}  // namespace

void judge_attacks(const Case& c, Findings& out) {
  const AttacksSeen& seen = c.seen.attacks;
  if (seen.heartbeat_unchecked == true)
    out.add(kHeartbleed, "A heartbeat of 8 bytes without its 16 bytes of padding was answered.");
  else if (std::ranges::any_of(c.seen.versions, &VersionSeen::heartbeat))
    out.add(kHeartbeat, "The ServerHello holds it.");
  if (seen.early_ccs == true)
    out.add(kEarlyCcs,
            "The first was taken in silence, the second was decrypted in vain (alert bad_record_mac).");
  if (seen.bleichenbacher == true) out.add(kRobot, seen.bleichenbacher_answers + ".");
  if (seen.padding_unchecked == true) out.add(kPoodleTls, "A request in such a record was answered.");
  if (seen.padding_oracle == true) out.add(kPaddingOracle, seen.padding_answers + ".");
  if (seen.renegotiation == true)
    out.add(kRenegotiation,
            "To a ClientHello inside a TLS 1.2 session the server " + seen.renegotiation_answer + ".");
}

}  // namespace sally::check
