#include "check/grade.h"

#include <algorithm>

#include "tls/groups.h"
#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

unsigned protocol_points(std::uint16_t version) {
  switch (version) {
    case tls::kSsl3:
      return 80;
    case tls::kTls10:
      return 90;
    case tls::kTls11:
      return 95;
    case tls::kTls12:
    case tls::kTls13:
      return 100;
    default:
      return 0;
  }
}

unsigned cipher_points(unsigned bits) { return bits == 0 ? 0 : bits < 128 ? 20 : bits < 256 ? 80 : 100; }

/// Of RSA and DH by size; elliptic curves count as RSA of the same strength.
unsigned key_points(unsigned rsa_bits) {
  if (rsa_bits < 512) return 20;
  if (rsa_bits < 1024) return 40;
  if (rsa_bits < 2048) return 80;
  return rsa_bits < 4096 ? 90 : 100;
}

unsigned certificate_points(const crypto::KeyFacts& key) {
  if (key.text.starts_with("RSA")) return key_points(key.bits);
  if (key.bits < 160) return 40;
  return key.bits < 224 ? 90 : 100;
}

unsigned exchange_points(const Observations& seen) {
  unsigned worst = 100;
  if (seen.handshake && !seen.handshake->certificates.empty())
    worst = certificate_points(seen.handshake->certificates.front().key());
  for (const VersionSeen& v : seen.versions) {
    if (v.weakest_dh_bits != 0) worst = std::min(worst, key_points(v.weakest_dh_bits));
    for (const std::uint16_t code : v.suites) {
      const tls::SuiteFacts f = tls::suite_facts(code);
      if (f.anonymous) return 0;
      if (f.exported) worst = std::min(worst, 40u);
    }
  }
  return worst;
}

Grade letter(unsigned total) {
  if (total >= 80) return Grade::a_plus;
  if (total >= 65) return Grade::b;
  if (total >= 50) return Grade::c;
  if (total >= 35) return Grade::d;
  return total >= 20 ? Grade::e : Grade::f;
}

}  // namespace

Score score_of(const Observations& seen) {
  Score out;
  if (seen.best_version() == 0) return out;
  out.protocol = (protocol_points(seen.best_version()) + protocol_points(seen.worst_version())) / 2;
  if (seen.worst_version() < tls::kSsl3) out.protocol = 0;
  out.key_exchange = exchange_points(seen);
  unsigned best = 0, worst = 100;
  for (const VersionSeen& v : seen.versions)
    for (const std::uint16_t code : v.suites) {
      const unsigned points = cipher_points(tls::suite_facts(code).bits);
      best = std::max(best, points);
      worst = std::min(worst, points);
    }
  out.cipher = worst == 0 ? 0 : (best + worst) / 2;
  if (out.protocol != 0 && out.key_exchange != 0 && out.cipher != 0)
    out.total = (30 * out.protocol + 30 * out.key_exchange + 40 * out.cipher) / 100;
  return out;
}

Grade grade_of(const Observations& seen, std::span<const Finding> findings) {
  if (!seen.spoke()) return Grade::none;
  // The score is of TLS; where another protocol is spoken, the findings alone count.
  Grade out = seen.best_version() == 0 ? Grade::a_plus : letter(score_of(seen).total);
  for (const Finding& one : findings)
    if (one.kind->cap != Grade::none) out = std::max(out, one.kind->cap);
  return out;
}

}  // namespace sally::check
