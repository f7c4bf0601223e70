#include "check/mend.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "check/ssh_mend.h"

namespace sally::check {
namespace {

enum class Remedy : std::uint8_t {
  versions,
  suites,
  groups,
  chain,
  hsts,
  redirect,
  unknown_names,
  banner,
  sniffing,
  h2
};

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
};

#define SALLY_SUITES                                                                         \
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:" \
  "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define SALLY_GROUPS "X25519MLKEM768:X25519:prime256v1:secp384r1"

struct TextRow {
  std::string_view software;
  Remedy remedy;
  std::string_view text;
};
// clang-format off
constexpr TextRow kTexts[] = {
    {"nginx", Remedy::versions, "ssl_protocols TLSv1.2 TLSv1.3;"},
    {"nginx", Remedy::suites, "ssl_ciphers " SALLY_SUITES ";\nssl_prefer_server_ciphers off;"},
    {"nginx", Remedy::groups, "ssl_ecdh_curve " SALLY_GROUPS ";  # X25519MLKEM768 needs OpenSSL 3.5"},
    {"nginx", Remedy::chain, "ssl_certificate /path/fullchain.pem;  # the server's own first, then the intermediates"},
    {"nginx", Remedy::hsts, "add_header Strict-Transport-Security \"max-age=63072000; includeSubDomains\" always;"},
    {"nginx", Remedy::redirect, "server {\n    listen 80 default_server;\n    return 301 https://$host$request_uri;\n}"},
    {"nginx", Remedy::unknown_names, "server {\n    listen 443 ssl default_server;\n    ssl_reject_handshake on;\n}"},
    {"nginx", Remedy::banner, "server_tokens off;"},
    {"nginx", Remedy::sniffing, "add_header X-Content-Type-Options nosniff always;"},
    {"nginx", Remedy::h2, "listen 443 ssl http2;  # since 1.25.1: http2 on;"},

    {"apache", Remedy::versions, "SSLProtocol -all +TLSv1.2 +TLSv1.3"},
    {"apache", Remedy::suites, "SSLCipherSuite " SALLY_SUITES "\nSSLHonorCipherOrder off"},
    {"apache", Remedy::groups, "SSLOpenSSLConfCmd Curves " SALLY_GROUPS "  # X25519MLKEM768 needs OpenSSL 3.5"},
    {"apache", Remedy::chain, "SSLCertificateFile /path/fullchain.pem\n# the server's own first, then the intermediates"},
    {"apache", Remedy::hsts, "Header always set Strict-Transport-Security \"max-age=63072000; includeSubDomains\""},
    {"apache", Remedy::redirect, "<VirtualHost *:80>\n    RewriteEngine On\n    RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]\n</VirtualHost>"},
    {"apache", Remedy::unknown_names, "SSLStrictSNIVHostCheck on"},
    {"apache", Remedy::banner, "ServerTokens Prod"},
    {"apache", Remedy::sniffing, "Header always set X-Content-Type-Options nosniff"},
    {"apache", Remedy::h2, "Protocols h2 http/1.1"},

    {"haproxy", Remedy::versions, "ssl-default-bind-options ssl-min-ver TLSv1.2"},
    {"haproxy", Remedy::suites, "ssl-default-bind-ciphers " SALLY_SUITES},
    {"haproxy", Remedy::groups, "ssl-default-bind-curves " SALLY_GROUPS "  # X25519MLKEM768 needs OpenSSL 3.5"},
    {"haproxy", Remedy::chain, "bind :443 ssl crt /path/site.pem  # in it: the server's own, the intermediates, the key"},
    {"haproxy", Remedy::hsts, "http-response set-header Strict-Transport-Security \"max-age=63072000; includeSubDomains\""},
    {"haproxy", Remedy::redirect, "http-request redirect scheme https code 301 unless { ssl_fc }"},
    {"haproxy", Remedy::unknown_names, "bind :443 ssl crt /path/site.pem strict-sni"},
    {"haproxy", Remedy::sniffing, "http-response set-header X-Content-Type-Options nosniff"},
    {"haproxy", Remedy::h2, "bind :443 ssl crt /path/site.pem alpn h2,http/1.1"},

    {"caddy", Remedy::versions, "tls {\n    protocols tls1.2 tls1.3\n}"},
    {"caddy", Remedy::hsts, "header Strict-Transport-Security \"max-age=63072000; includeSubDomains\""},
    {"caddy", Remedy::sniffing, "header X-Content-Type-Options nosniff"},

    {"postfix", Remedy::versions, "smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = >=TLSv1.2"},
    {"postfix", Remedy::suites, "smtpd_tls_ciphers = high\nsmtpd_tls_mandatory_ciphers = high\ntls_high_cipherlist = " SALLY_SUITES},
    {"postfix", Remedy::chain, "smtpd_tls_chain_files = /path/key.pem, /path/fullchain.pem"},

    {"dovecot", Remedy::versions, "ssl_min_protocol = TLSv1.2"},
    {"dovecot", Remedy::suites, "ssl_cipher_list = " SALLY_SUITES},
    {"dovecot", Remedy::groups, "ssl_curve_list = " SALLY_GROUPS "  # X25519MLKEM768 needs OpenSSL 3.5"},
    {"dovecot", Remedy::chain, "ssl_cert = </path/fullchain.pem"},

    {"tomcat", Remedy::versions, "<SSLHostConfig protocols=\"TLSv1.2,TLSv1.3\">"},
    {"tomcat", Remedy::suites, "<SSLHostConfig ciphers=\"" SALLY_SUITES "\" honorCipherOrder=\"false\">"},
};
// clang-format on
#undef SALLY_SUITES
#undef SALLY_GROUPS

constexpr std::array<std::string_view, 8> kSoftware = {"nginx",   "apache",  "haproxy", "caddy",
                                                       "postfix", "dovecot", "tomcat",  "openssh"};

}  // namespace

std::span<const std::string_view> mendable_software() { return kSoftware; }

std::optional<Snippet> snippet_for(std::string_view finding_id, std::string_view software) {
  if (software == "openssh") {
    const std::string_view text = ssh_mend(finding_id);
    return text.empty() ? std::nullopt : std::optional(Snippet{"openssh", text});
  }
  const auto* const id = std::ranges::find(kIds, finding_id, &IdRow::id);
  if (id == std::end(kIds)) return std::nullopt;
  for (const TextRow& row : kTexts)
    if (row.software == software && row.remedy == id->remedy) return Snippet{row.software, row.text};
  return std::nullopt;
}

std::string_view software_of(std::string_view server_field) {
  const std::string field = ascii_lower(server_field);
  for (const std::string_view name : kSoftware)
    if (field.starts_with(name)) return name;
  return {};
}

std::optional<Snippet> snippet_for(const Examined& one, const Finding& finding) {
  if (!one.mend_for.empty()) return snippet_for(finding.kind->id, one.mend_for);
  if (one.seen.ssh) return snippet_for(finding.kind->id, ssh_software(*one.seen.ssh));
  const std::string* const server = one.seen.http ? one.seen.http->field("server") : nullptr;
  return server ? snippet_for(finding.kind->id, software_of(*server)) : std::nullopt;
}

}  // namespace sally::check
