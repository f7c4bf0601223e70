#include "check/rules/all.h"

namespace sally::check {

namespace {

bool no_path(int code) {
  return code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT || code == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
         code == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT || code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

}  // namespace

crypto::TrustVerdict Roots::verify(const crypto::Certificate& leaf,
                                   std::span<const crypto::Certificate> others, WallTime now) const {
  std::optional<crypto::TrustVerdict> out;
  for (const crypto::TrustStore* store : {named, system}) {
    if (!store) continue;
    crypto::TrustVerdict verdict = store->verify(leaf, others, now);
    // A store that knows the root has more to say than one that does not.
    if (!out || verdict.trusted || no_path(out->code)) out = std::move(verdict);
    if (out->trusted) break;
  }
  if (out) return *std::move(out);
  crypto::TrustVerdict none;
  none.why = "this machine has no file of trusted roots";
  return none;
}

std::optional<crypto::Certificate> Roots::issuer_of(std::span<const crypto::Certificate> sent,
                                                    WallTime now) const {
  if (sent.empty() || sent.front().is_self_signed()) return std::nullopt;
  const std::span<const crypto::Certificate> others = sent.subspan(1);
  const crypto::TrustVerdict verdict = verify(sent.front(), others, now);
  if (verdict.path.size() > 1) return verdict.path[1];
  for (const crypto::Certificate& one : others)
    if (sent.front().is_signed_by(one)) return one;
  return std::nullopt;
}

std::span<const Rule> all_rules() {
  static constexpr Rule kRules[] = {
      judge_reach, judge_starttls, judge_certificate, judge_usage,        judge_revocation, judge_dns,
      judge_mail,  judge_protocol, judge_suites,      judge_key_exchange, judge_signatures, judge_attacks,
      judge_hsts,  judge_redirect, judge_cookies,     judge_mixed,        judge_http,       judge_http3,
      judge_ssh,   judge_openvpn,  judge_ftp,         judge_sstp,         judge_ike};
  return kRules;
}

}  // namespace sally::check
