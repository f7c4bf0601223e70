#include "check/probes/all.h"

#include <algorithm>

#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

bool by_tls(const Examination& x) { return x.target.by_tls(); }
bool is_ssh(const Examination& x) { return x.target.protocol->id == "ssh"; }
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
bool two_versions(const Examination& x) {
  return !x.quick && x.seen.best_version() >= tls::kTls12 &&
         std::ranges::count_if(x.seen.versions,
                               [](const VersionSeen& v) { return v.offered && v.version >= tls::kSsl3; }) > 1;
}
bool has_name(const Examination& x) { return browsers_get_in(x) && !x.target.server_name().empty(); }
bool tls12(const Examination& x) { return !x.quick && x.seen.offers(tls::kTls12); }
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
bool before_tls13(const Examination& x) {
  return some_suite(x, tls::kSsl3, [](const tls::SuiteFacts&) { return true; });
}
bool gcm12(const Examination& x) {
  return some_suite(x, tls::kTls12,
                    [](const tls::SuiteFacts& f) { return f.name.contains("_AES_") && f.aead; });
}
bool cbc12(const Examination& x) {
  return some_suite(x, tls::kTls12, [](const tls::SuiteFacts& f) { return f.name.ends_with("_CBC_SHA"); });
}
bool rsa_transport(const Examination& x) {
  return some_suite(x, tls::kTls10, [](const tls::SuiteFacts& f) { return f.rsa_transport && !f.exported; });
}
bool heartbeat(const Examination& x) {
  return !x.quick && std::ranges::any_of(x.seen.versions, &VersionSeen::heartbeat);
}
bool http_beside(const Examination& x) { return x.target.is_http && x.http_port != 0; }
bool authority_is_asked(const Examination& x) {
  return !x.quick && x.outside && x.seen.handshake.has_value();
}
bool http_answers(const Examination& x) { return !x.quick && x.seen.http.has_value(); }

constexpr Probe kProbes[] = {
    {"reach", 0, by_tls, probe_reach},
    {"ssh", 0, is_ssh, probe_ssh},
    {"starttls", 0, by_starttls, probe_starttls},
    {"http.redirect", 0, http_beside, probe_plain_http},
    {"proto.versions", 1, whole_walk, probe_versions},
    {"proto.quick", 1, quick_look, probe_quick_versions},
    {"kx.groups", 2, some_version, probe_groups},
    {"cipher.order", 2, some_version, probe_preference},
    {"proto.fallback_scsv", 2, two_versions, probe_fallback},
    {"handshake", 2, for_libraries, probe_handshake},
    {"starttls.injection", 2, takes_early_commands, probe_starttls_injection},
    {"ftp.prot_p", 2, ftp_is_there, probe_ftp_protection},
    {"proto.strictness", 2, browsers_get_in, probe_strictness},
    {"proto.tolerance", 3, browsers_get_in, probe_tolerance},
    {"cert.without_sni", 3, has_name, probe_nameless},
    {"kx.signature", 3, signs, probe_signatures},
    {"proto.resumption", 3, tls12, probe_resumption},
    {"renego.client", 3, gcm12, probe_renegotiation},
    {"ccs", 3, before_tls13, probe_early_ccs},
    {"heartbleed", 3, heartbeat, probe_heartbeat},
    {"robot", 3, rsa_transport, probe_bleichenbacher},
    {"poodle.tls", 3, cbc12, probe_padding},
    {"cert.revoked", 3, authority_is_asked, probe_revocation},
    {"http.page", 3, http_answers, probe_page},
};

}  // namespace

std::span<const Probe> all_probes() { return kProbes; }

}  // namespace sally::check
