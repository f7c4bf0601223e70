#include "check/mend.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "check/ike_mend.h"
#include "check/ike_seen.h"
#include "check/mend_texts.h"
#include "check/ssh_mend.h"

namespace sally::check {
namespace {

struct IdRow {
  std::string_view id;
  Remedy remedy;
};
constexpr IdRow kIds[] = {
    {"proto.sslv2", Remedy::versions},
    {"proto.sslv3", Remedy::versions},
    {"poodle.ssl", Remedy::versions},
    {"proto.tls10", Remedy::versions},
    {"proto.tls11", Remedy::versions},
    {"proto.tls12", Remedy::versions},
    {"proto.tls13", Remedy::versions},
    {"reach.too_old", Remedy::versions},
    {"fallback_scsv", Remedy::versions},
    {"cipherlist_NULL", Remedy::suites},
    {"cipherlist_aNULL", Remedy::suites},
    {"cipherlist_EXPORT", Remedy::suites},
    {"cipherlist_LOW", Remedy::suites},
    {"rc4", Remedy::suites},
    {"sweet32", Remedy::suites},
    {"cipherlist_MD5", Remedy::suites},
    {"cipherlist_OBSOLETED", Remedy::suites},
    {"cipherlist_NOFS", Remedy::suites},
    {"fs.missing", Remedy::suites},
    {"cipherlist_STRONG_FS", Remedy::suites},
    {"cipherlist_CCM_8", Remedy::suites},
    {"cipher.order", Remedy::suites},
    {"logjam", Remedy::suites},
    {"logjam.dh_size", Remedy::suites},
    {"kx.post_quantum", Remedy::groups},
    {"kx.weak_group", Remedy::groups},
    {"kx.draft_group", Remedy::groups},
    {"chain.missing_intermediate", Remedy::chain},
    {"chain.order", Remedy::chain},
    {"hsts.present", Remedy::hsts},
    {"hsts.age", Remedy::hsts},
    {"hsts.syntax", Remedy::hsts},
    {"redirect", Remedy::redirect},
    {"proto.strict_sni", Remedy::unknown_names},
    {"http.banner", Remedy::banner},
    {"http.x_content_type_options", Remedy::sniffing},
    {"http.http2", Remedy::h2},
    {"kx.signature", Remedy::signatures},
    {"cert.must_staple", Remedy::stapling},
    {"cert.ocsp_stapling", Remedy::stapling},
    {"proto.ticket_lifetime", Remedy::tickets},
    {"crime", Remedy::compression},
    {"proto.0rtt", Remedy::early_data},
    {"proto.client_auth", Remedy::client_auth},
    {"reach.plain_http", Remedy::tls_on},
    {"reach.hangs_up", Remedy::tls_on},
    {"starttls.offered", Remedy::tls_on},
    {"starttls.enforced", Remedy::login},
    {"mail.starttls_enforced", Remedy::login},
    {"ftp.cleartext_login", Remedy::login},
    {"ldap.plain_bind_allowed", Remedy::login},
    {"robot", Remedy::suites},
    {"poodle.tls", Remedy::suites},
    {"padding_oracle", Remedy::suites},
    {"logjam.common_primes", Remedy::suites},
    {"chain.extra", Remedy::chain},
    {"opossum", Remedy::upgrade},
    {"reach.alpn", Remedy::h2},
    {"http.x_frame_options", Remedy::frames},
    {"http.referrer_policy", Remedy::referrer},
    {"http.breach", Remedy::packing},
    {"http.cors", Remedy::cors},
    {"cookie.secure", Remedy::cookies},
    {"cookie.httponly", Remedy::cookies},
    {"cookie.samesite_missing", Remedy::cookies},
};

constexpr std::array<std::string_view, 20> kSoftware = {
    "nginx", "apache",  "haproxy", "caddy",      "tomcat",    "iis",      "postfix",
    "exim",  "dovecot", "vsftpd",  "proftpd",    "slapd",     "stunnel",  "postgresql",
    "mysql", "prosody", "openssh", "strongswan", "libreswan", "sallyport"};

struct OwnRow {
  std::string_view software;
  std::string_view (*mend)(std::string_view finding_id);
};
/// Servers whose protocols have seals of their own.
constexpr OwnRow kWithoutTls[] = {
    {"openssh", ssh_mend}, {"strongswan", strongswan_mend}, {"libreswan", libreswan_mend}};

/// By what a gateway says of itself; most say nothing.
std::string_view ike_software(const IkeSeen& seen) {
  for (const std::string& vendor : seen.vendors) {
    if (vendor == "strongSwan") return "strongswan";
    if (vendor.contains("Libreswan")) return "libreswan";
  }
  return {};
}

}  // namespace

std::span<const std::string_view> mendable_software() { return kSoftware; }

std::optional<Snippet> snippet_for(std::string_view finding_id, std::string_view software) {
  for (const auto& [name, mend] : kWithoutTls) {
    if (name != software) continue;
    const std::string_view text = mend(finding_id);
    return text.empty() ? std::nullopt : std::optional(Snippet{name, text});
  }
  const auto* const id = std::ranges::find(kIds, finding_id, &IdRow::id);
  if (id == std::end(kIds)) return std::nullopt;
  for (const MendText& row : all_mend_texts())
    if (row.software == software && row.remedy == id->remedy) return Snippet{row.software, row.text};
  return std::nullopt;
}

bool has_snippets(std::string_view finding_id) {
  return std::ranges::any_of(kSoftware,
                             [&](std::string_view s) { return snippet_for(finding_id, s).has_value(); });
}

std::string_view software_of(std::string_view server_field) {
  const std::string field = ascii_lower(server_field);
  if (field.starts_with("microsoft-iis")) return "iis";
  for (const std::string_view name : kSoftware)
    if (field.starts_with(name)) return name;
  return {};
}

std::optional<Snippet> snippet_for(const Examined& one, const Finding& finding) {
  if (!one.mend_for.empty()) return snippet_for(finding.kind->id, one.mend_for);
  if (one.seen.ssh) return snippet_for(finding.kind->id, ssh_software(*one.seen.ssh));
  if (one.seen.ike) return snippet_for(finding.kind->id, ike_software(*one.seen.ike));
  const std::string* const server = one.seen.http ? one.seen.http->field("server") : nullptr;
  return server ? snippet_for(finding.kind->id, software_of(*server)) : std::nullopt;
}

}  // namespace sally::check
