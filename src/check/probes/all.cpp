#include "check/probes/all.h"

#include <algorithm>

#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

bool by_tls(const Examination& x) { return x.target.by_tls(); }
bool is_ssh(const Examination& x) { return x.target.is_ssh(); }
bool is_ipsec(const Examination& x) { return x.target.protocol->id == "ipsec"; }
bool tls_is_there(const Examination& x) {
  const Answer::End end = x.seen.reach.first.end;
  return end == Answer::End::flight || end == Answer::End::closed || end == Answer::End::reset ||
         end == Answer::End::silent || end == Answer::End::malformed;
}
bool whole_walk(const Examination& x) { return !x.quick && tls_is_there(x); }
bool quick_look(const Examination& x) { return x.quick && tls_is_there(x); }
bool by_starttls(const Examination& x) { return x.target.by_starttls(); }
bool takes_early_commands(const Examination& x) {
  return !x.quick && by_starttls(x) && x.target.protocol->early_command &&
         x.seen.best_version() >= tls::kTls10;
}
bool ftp_is_there(const Examination& x) {
  const std::string_view id = x.target.protocol->id;
  return !x.quick && (id == "ftp" || id == "ftps") && x.seen.best_version() >= tls::kTls10;
}
bool some_version(const Examination& x) { return !x.quick && x.seen.best_version() >= tls::kSsl3; }
bool for_libraries(const Examination& x) { return x.seen.best_version() >= tls::kTls10; }
bool browsers_get_in(const Examination& x) { return !x.quick && x.seen.reach.first.has_hello(); }
bool much_unanswered(const Examination& x) {
  constexpr unsigned kMuch = 3;  // some servers refuse so what they do not know
  return x.seen.reach.first.has_hello() && x.dialer.unanswered() >= kMuch;
}
bool tolerance_in_doubt(const Examination& x) {
  return browsers_get_in(x) && !(x.seen.large_hello && x.seen.split_hello && x.seen.unknown_values);
}
/// Where TLS 1.2 is the least, the mark in its answers does what the signal was made for.
bool fallback_matters(const Examination& x) {
  if (x.quick || x.seen.best_version() < tls::kTls12) return false;
  return std::ranges::any_of(x.seen.versions, [&](const VersionSeen& v) {
    return v.offered && v.version >= tls::kSsl3 &&
           v.version < (x.thorough ? x.seen.best_version() : tls::kTls12);
  });
}
bool nameless_unknown(const Examination& x) {
  return browsers_get_in(x) && !x.seen.nameless && !x.target.server_name().empty();
}
bool groups_unknown(const Examination& x) { return some_version(x) && !x.seen.groups; }
bool resumption_unknown(const Examination& x) {
  return !x.quick && x.seen.offers(tls::kTls12) && (x.thorough || !x.seen.resumption);
}
bool signs(const Examination& x) {
  return !x.quick && (x.seen.offers(tls::kTls12) || x.seen.offers(tls::kTls13));
}
template <typename Which>
bool some_suite(const Examination& x, std::uint16_t least, Which which) {
  return !x.quick && std::ranges::any_of(x.seen.versions, [&](const VersionSeen& v) {
    return v.version >= least && v.version <= tls::kTls12 &&
           std::ranges::any_of(v.suites, [&](std::uint16_t s) { return which(tls::suite_facts(s)); });
  });
}
bool early_ccs_unknown(const Examination& x) {
  return !x.seen.attacks.early_ccs && some_suite(x, tls::kSsl3, [](const tls::SuiteFacts&) { return true; });
}
bool gcm12(const Examination& x) {
  return some_suite(x, tls::kTls12,
                    [](const tls::SuiteFacts& f) { return f.name.contains("_AES_") && f.aead; });
}
bool cbc12(const Examination& x) {
  return some_suite(x, tls::kTls12, [](const tls::SuiteFacts& f) { return f.name.ends_with("_CBC_SHA"); });
}
bool key_exchange_unknown(const Examination& x) {
  return !x.seen.attacks.bleichenbacher &&
         some_suite(x, tls::kTls10, [](const tls::SuiteFacts& f) { return f.rsa_transport && !f.exported; });
}
bool heartbeat(const Examination& x) {
  return !x.quick && std::ranges::any_of(x.seen.versions, &VersionSeen::heartbeat);
}
bool is_sstp(const Examination& x) {
  return x.target.protocol->id == "sstp" && x.seen.best_version() >= tls::kTls10;
}
bool http_beside(const Examination& x) { return x.target.is_http && x.http_port != 0; }
bool authority_is_asked(const Examination& x) {
  return !x.quick && x.outside && x.seen.handshake.has_value();
}
bool http_answers(const Examination& x) { return !x.quick && x.seen.http.has_value(); }
bool http3_can_be_asked(const Examination& x) { return http_answers(x) && !x.dialer.by_proxy(); }

constexpr Probe kProbes[] = {
    {"reach", 0, by_tls, probe_reach},
    {"ssh", 0, is_ssh, probe_ssh},
    {"ipsec", 0, is_ipsec, probe_ike},
    {"starttls", 0, by_starttls, probe_starttls},
    {"http.redirect", 0, http_beside, probe_plain_http},
    {"proto.versions", 1, whole_walk, probe_versions},
    {"proto.quick", 1, quick_look, probe_quick_versions},
    {"throttled", 2, much_unanswered, probe_throttling},
    {"kx.groups", 3, groups_unknown, probe_groups},
    {"cipher.order", 3, some_version, probe_preference},
    {"proto.fallback_scsv", 3, fallback_matters, probe_fallback},
    {"handshake", 3, for_libraries, probe_handshake},
    {"starttls.injection", 3, takes_early_commands, probe_starttls_injection},
    {"ftp.prot_p", 3, ftp_is_there, probe_ftp_protection},
    {"sstp", 3, is_sstp, probe_sstp},
    {"proto.strictness", 3, browsers_get_in, probe_strictness},
    {"kx.signature", 3, signs, probe_signatures},
    {"renego.client", 3, gcm12, probe_renegotiation},
    {"ccs", 3, early_ccs_unknown, probe_early_ccs},
    {"heartbleed", 3, heartbeat, probe_heartbeat},
    {"robot", 3, key_exchange_unknown, probe_bleichenbacher},
    {"poodle.tls", 3, cbc12, probe_padding},
    {"cert.revoked", 4, authority_is_asked, probe_revocation},
    {"proto.tolerance", 4, tolerance_in_doubt, probe_tolerance},
    {"cert.without_sni", 4, nameless_unknown, probe_nameless},
    {"proto.resumption", 4, resumption_unknown, probe_resumption},
    {"http.page", 4, http_answers, probe_page},
    {"http.http3", 4, http3_can_be_asked, probe_http3},
};

}  // namespace

std::span<const Probe> all_probes() { return kProbes; }

}  // namespace sally::check
