#include "check/rules/all.h"

namespace sally::check {

crypto::TrustVerdict Roots::verify(const crypto::Certificate& leaf,
                                   std::span<const crypto::Certificate> others, WallTime now) const {
  crypto::TrustVerdict out;
  out.why = "this machine has no file of trusted roots";
  for (const crypto::TrustStore* store : {named, system}) {
    if (!store) continue;
    out = store->verify(leaf, others, now);
    if (out.trusted) break;
  }
  return out;
}

std::span<const Rule> all_rules() {
  static constexpr Rule kRules[] = {judge_reach,   judge_starttls,     judge_certificate, judge_protocol,
                                    judge_suites,  judge_key_exchange, judge_hsts,        judge_redirect,
                                    judge_cookies, judge_mixed,        judge_http};
  return kRules;
}

}  // namespace sally::check
