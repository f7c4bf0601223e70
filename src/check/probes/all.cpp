#include "check/probes/all.h"

#include <algorithm>

#include "tls/hello_builder.h"

namespace sally::check {
namespace {

bool always(const Examination&) { return true; }
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
bool http_beside(const Examination& x) { return x.target.is_http && x.http_port != 0; }
bool http_answers(const Examination& x) { return !x.quick && x.seen.http.has_value(); }

constexpr Probe kProbes[] = {
    {"reach", 0, always, probe_reach},
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
    {"http.page", 3, http_answers, probe_page},
};

}  // namespace

std::span<const Probe> all_probes() { return kProbes; }

}  // namespace sally::check
