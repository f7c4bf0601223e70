#include "check/mend_texts.h"

#include <array>

namespace sally::check {
namespace {

#define SALLY_SUITES                                                                         \
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:" \
  "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define SALLY_GROUPS "X25519MLKEM768:X25519:prime256v1:secp384r1"
#define SALLY_SIGNATURES \
  "ECDSA+SHA256:ECDSA+SHA384:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256:RSA+SHA384"

// clang-format off
constexpr MendText kTexts[] = {
    {"nginx", Remedy::versions, "ssl_protocols TLSv1.2 TLSv1.3;"},
    {"nginx", Remedy::suites, "ssl_ciphers " SALLY_SUITES ";\nssl_prefer_server_ciphers off;"},
    {"nginx", Remedy::groups, "ssl_ecdh_curve " SALLY_GROUPS ";  # X25519MLKEM768 needs OpenSSL 3.5"},
    {"nginx", Remedy::signatures, "ssl_conf_command SignatureAlgorithms " SALLY_SIGNATURES ";"},
    {"nginx", Remedy::chain, "ssl_certificate /path/fullchain.pem;  # the server's own first, then the intermediates"},
    {"nginx", Remedy::stapling, "ssl_stapling on;  # off if the certificate names no OCSP responder\nresolver 127.0.0.1;  # of this machine"},
    {"nginx", Remedy::tickets, "ssl_session_timeout 1h;\nssl_session_tickets off;"},
    {"nginx", Remedy::early_data, "ssl_early_data off;"},
    {"nginx", Remedy::client_auth, "ssl_verify_client off;"},
    {"nginx", Remedy::tls_on, "listen 443 ssl;"},
    {"nginx", Remedy::hsts, "add_header Strict-Transport-Security \"max-age=63072000; includeSubDomains\" always;"},
    {"nginx", Remedy::redirect, "server {\n    listen 80 default_server;\n    return 301 https://$host$request_uri;\n}"},
    {"nginx", Remedy::unknown_names, "server {\n    listen 443 ssl default_server;\n    ssl_reject_handshake on;\n}"},
    {"nginx", Remedy::banner, "server_tokens off;"},
    {"nginx", Remedy::sniffing, "add_header X-Content-Type-Options nosniff always;"},
    {"nginx", Remedy::frames, "add_header X-Frame-Options DENY always;"},
    {"nginx", Remedy::referrer, "add_header Referrer-Policy strict-origin-when-cross-origin always;"},
    {"nginx", Remedy::packing, "gzip off;  # for pages that hold secrets"},
    {"nginx", Remedy::cookies, "proxy_cookie_flags ~ secure httponly samesite=lax;  # of an application behind it"},
    {"nginx", Remedy::h2, "listen 443 ssl http2;  # since 1.25.1: http2 on;"},

    {"apache", Remedy::versions, "SSLProtocol -all +TLSv1.2 +TLSv1.3"},
    {"apache", Remedy::suites, "SSLCipherSuite " SALLY_SUITES "\nSSLHonorCipherOrder off"},
    {"apache", Remedy::groups, "# X25519MLKEM768 needs OpenSSL 3.5\nSSLOpenSSLConfCmd Groups " SALLY_GROUPS},
    {"apache", Remedy::signatures, "SSLOpenSSLConfCmd SignatureAlgorithms " SALLY_SIGNATURES},
    {"apache", Remedy::chain, "SSLCertificateFile /path/fullchain.pem\n# the server's own first, then the intermediates"},
    {"apache", Remedy::stapling, "# off if the certificate names no OCSP responder; outside of every VirtualHost:\nSSLStaplingCache shmcb:/var/run/ocsp(128000)\nSSLUseStapling on"},
    {"apache", Remedy::tickets, "SSLSessionCacheTimeout 3600\nSSLSessionTickets off"},
    {"apache", Remedy::compression, "SSLCompression off"},
    {"apache", Remedy::client_auth, "SSLVerifyClient none"},
    {"apache", Remedy::tls_on, "SSLEngine on"},
    {"apache", Remedy::upgrade, "# in the VirtualHost of the plain port, instead of \"optional\":\nSSLEngine off"},
    {"apache", Remedy::hsts, "Header always set Strict-Transport-Security \"max-age=63072000; includeSubDomains\""},
    {"apache", Remedy::redirect, "<VirtualHost *:80>\n    RewriteEngine On\n    RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]\n</VirtualHost>"},
    {"apache", Remedy::unknown_names, "SSLStrictSNIVHostCheck on"},
    {"apache", Remedy::banner, "ServerTokens Prod"},
    {"apache", Remedy::sniffing, "Header always set X-Content-Type-Options nosniff"},
    {"apache", Remedy::frames, "Header always set X-Frame-Options DENY"},
    {"apache", Remedy::referrer, "Header always set Referrer-Policy strict-origin-when-cross-origin"},
    {"apache", Remedy::packing, "SetEnv no-gzip 1\n# for pages that hold secrets"},
    {"apache", Remedy::cookies, "Header always edit Set-Cookie ^(.*)$ \"$1; Secure; HttpOnly; SameSite=Lax\""},
    {"apache", Remedy::cors, "Header always unset Access-Control-Allow-Credentials"},
    {"apache", Remedy::h2, "Protocols h2 http/1.1"},

    {"haproxy", Remedy::versions, "ssl-default-bind-options ssl-min-ver TLSv1.2"},
    {"haproxy", Remedy::suites, "ssl-default-bind-ciphers " SALLY_SUITES},
    {"haproxy", Remedy::groups, "ssl-default-bind-curves " SALLY_GROUPS "  # X25519MLKEM768 needs OpenSSL 3.5"},
    {"haproxy", Remedy::signatures, "ssl-default-bind-sigalgs " SALLY_SIGNATURES "  # since 2.8"},
    {"haproxy", Remedy::chain, "bind :443 ssl crt /path/site.pem  # in it: the server's own, the intermediates, the key"},
    {"haproxy", Remedy::stapling, "ocsp-update.mode on  # since 3.0, in the global section"},
    {"haproxy", Remedy::tickets, "tune.ssl.lifetime 3600\nssl-default-bind-options no-tls-tickets"},
    {"haproxy", Remedy::early_data, "bind :443 ssl crt /path/site.pem  # without allow-0rtt"},
    {"haproxy", Remedy::client_auth, "bind :443 ssl crt /path/site.pem verify none"},
    {"haproxy", Remedy::tls_on, "bind :443 ssl crt /path/site.pem"},
    {"haproxy", Remedy::hsts, "http-response set-header Strict-Transport-Security \"max-age=63072000; includeSubDomains\""},
    {"haproxy", Remedy::redirect, "http-request redirect scheme https code 301 unless { ssl_fc }"},
    {"haproxy", Remedy::unknown_names, "bind :443 ssl crt /path/site.pem strict-sni"},
    {"haproxy", Remedy::banner, "http-response del-header Server"},
    {"haproxy", Remedy::sniffing, "http-response set-header X-Content-Type-Options nosniff"},
    {"haproxy", Remedy::frames, "http-response set-header X-Frame-Options DENY"},
    {"haproxy", Remedy::referrer, "http-response set-header Referrer-Policy strict-origin-when-cross-origin"},
    {"haproxy", Remedy::cookies, "http-response replace-header Set-Cookie (.*) \"\\1; Secure; HttpOnly; SameSite=Lax\""},
    {"haproxy", Remedy::h2, "bind :443 ssl crt /path/site.pem alpn h2,http/1.1"},

    {"caddy", Remedy::versions, "tls {\n    protocols tls1.2 tls1.3\n}"},
    {"caddy", Remedy::groups, "tls {\n    curves x25519mlkem768 x25519 secp256r1 secp384r1\n}"},
    {"caddy", Remedy::chain, "tls /path/fullchain.pem /path/key.pem"},
    {"caddy", Remedy::hsts, "header Strict-Transport-Security \"max-age=63072000; includeSubDomains\""},
    {"caddy", Remedy::sniffing, "header X-Content-Type-Options nosniff"},
    {"caddy", Remedy::frames, "header X-Frame-Options DENY"},
    {"caddy", Remedy::referrer, "header Referrer-Policy strict-origin-when-cross-origin"},
    {"caddy", Remedy::banner, "header -Server"},

    {"tomcat", Remedy::versions, "<SSLHostConfig protocols=\"TLSv1.2,TLSv1.3\">"},
    {"tomcat", Remedy::suites, "<SSLHostConfig ciphers=\"" SALLY_SUITES "\" honorCipherOrder=\"false\">"},
    {"tomcat", Remedy::chain, "<Certificate certificateFile=\"/path/cert.pem\" certificateChainFile=\"/path/intermediates.pem\" certificateKeyFile=\"/path/key.pem\"/>"},
    {"tomcat", Remedy::tickets, "<SSLHostConfig disableSessionTickets=\"true\" sessionTimeout=\"3600\">"},
    {"tomcat", Remedy::client_auth, "<SSLHostConfig certificateVerification=\"none\">"},
    {"tomcat", Remedy::tls_on, "<Connector port=\"443\" SSLEnabled=\"true\" scheme=\"https\" secure=\"true\">"},
    {"tomcat", Remedy::hsts, "<filter>\n  <filter-name>security</filter-name>\n  <filter-class>org.apache.catalina.filters.HttpHeaderSecurityFilter</filter-class>\n  <init-param><param-name>hstsMaxAgeSeconds</param-name><param-value>63072000</param-value></init-param>\n</filter>\n<filter-mapping><filter-name>security</filter-name><url-pattern>/*</url-pattern></filter-mapping>"},
    {"tomcat", Remedy::redirect, "<security-constraint>\n  <web-resource-collection><web-resource-name>all</web-resource-name><url-pattern>/*</url-pattern></web-resource-collection>\n  <user-data-constraint><transport-guarantee>CONFIDENTIAL</transport-guarantee></user-data-constraint>\n</security-constraint>"},
    {"tomcat", Remedy::sniffing, "<init-param><param-name>blockContentTypeSniffingEnabled</param-name><param-value>true</param-value></init-param>"},
    {"tomcat", Remedy::frames, "<init-param><param-name>antiClickJackingOption</param-name><param-value>DENY</param-value></init-param>"},
    {"tomcat", Remedy::banner, "<Valve className=\"org.apache.catalina.valves.ErrorReportValve\" showServerInfo=\"false\"/>"},
    {"tomcat", Remedy::h2, "<UpgradeProtocol className=\"org.apache.coyote.http2.Http2Protocol\"/>"},

    {"iis", Remedy::versions, "# PowerShell, then restart the machine\nforeach ($v in 'SSL 2.0','SSL 3.0','TLS 1.0','TLS 1.1') {\n  $k = \"HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\$v\\Server\"\n  New-Item $k -Force\n  Set-ItemProperty $k Enabled 0\n  Set-ItemProperty $k DisabledByDefault 1\n}"},
    {"iis", Remedy::suites, "# PowerShell\nGet-TlsCipherSuite | Where-Object { $_.Name -notmatch '^TLS_(AES|CHACHA20)|ECDHE.*_GCM_' } | ForEach-Object { Disable-TlsCipherSuite $_.Name }"},
    {"iis", Remedy::hsts, "<hsts enabled=\"true\" max-age=\"63072000\" includeSubDomains=\"true\" redirectHttpToHttps=\"true\" />"},
    {"iis", Remedy::redirect, "<hsts enabled=\"true\" max-age=\"63072000\" includeSubDomains=\"true\" redirectHttpToHttps=\"true\" />"},
    {"iis", Remedy::banner, "<requestFiltering removeServerHeader=\"true\" />"},
    {"iis", Remedy::sniffing, "<customHeaders><add name=\"X-Content-Type-Options\" value=\"nosniff\" /></customHeaders>"},
    {"iis", Remedy::frames, "<customHeaders><add name=\"X-Frame-Options\" value=\"DENY\" /></customHeaders>"},
    {"iis", Remedy::referrer, "<customHeaders><add name=\"Referrer-Policy\" value=\"strict-origin-when-cross-origin\" /></customHeaders>"},
    {"iis", Remedy::cookies, "<httpCookies requireSSL=\"true\" httpOnlyCookies=\"true\" sameSite=\"Lax\" />"},

    {"postfix", Remedy::versions, "smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = >=TLSv1.2"},
    {"postfix", Remedy::suites, "smtpd_tls_ciphers = high\nsmtpd_tls_mandatory_ciphers = high\ntls_high_cipherlist = " SALLY_SUITES},
    {"postfix", Remedy::groups, "tls_eecdh_auto_curves = X25519MLKEM768 X25519 prime256v1 secp384r1"},
    {"postfix", Remedy::chain, "smtpd_tls_chain_files = /path/key.pem, /path/fullchain.pem"},
    {"postfix", Remedy::tickets, "smtpd_tls_session_cache_timeout = 3600s"},
    {"postfix", Remedy::client_auth, "smtpd_tls_ask_ccert = no"},
    {"postfix", Remedy::tls_on, "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = /path/key.pem, /path/fullchain.pem"},
    {"postfix", Remedy::login, "smtpd_tls_auth_only = yes"},

    {"exim", Remedy::versions, "openssl_options = +no_sslv2 +no_sslv3 +no_tlsv1 +no_tlsv1_1\n# built with GnuTLS: tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"},
    {"exim", Remedy::suites, "tls_require_ciphers = " SALLY_SUITES},
    {"exim", Remedy::chain, "tls_certificate = /path/fullchain.pem\ntls_privatekey = /path/key.pem"},
    {"exim", Remedy::tls_on, "tls_advertise_hosts = *\ntls_certificate = /path/fullchain.pem\ntls_privatekey = /path/key.pem"},
    {"exim", Remedy::login, "auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}"},

    {"dovecot", Remedy::versions, "ssl_min_protocol = TLSv1.2"},
    {"dovecot", Remedy::suites, "ssl_cipher_list = " SALLY_SUITES},
    {"dovecot", Remedy::groups, "# X25519MLKEM768 needs OpenSSL 3.5\nssl_curve_list = " SALLY_GROUPS},
    {"dovecot", Remedy::chain, "ssl_cert = </path/fullchain.pem"},
    {"dovecot", Remedy::client_auth, "ssl_verify_client_cert = no"},
    {"dovecot", Remedy::tls_on, "ssl = required\nssl_cert = </path/fullchain.pem\nssl_key = </path/key.pem"},
    {"dovecot", Remedy::login, "ssl = required\ndisable_plaintext_auth = yes"},

    {"vsftpd", Remedy::versions, "ssl_sslv2=NO\nssl_sslv3=NO\nssl_tlsv1=NO"},
    {"vsftpd", Remedy::suites, "ssl_ciphers=" SALLY_SUITES},
    {"vsftpd", Remedy::chain, "rsa_cert_file=/path/fullchain.pem\nrsa_private_key_file=/path/key.pem"},
    {"vsftpd", Remedy::tls_on, "ssl_enable=YES\nrsa_cert_file=/path/fullchain.pem\nrsa_private_key_file=/path/key.pem"},
    {"vsftpd", Remedy::login, "force_local_logins_ssl=YES\nforce_local_data_ssl=YES"},

    {"proftpd", Remedy::versions, "TLSProtocol TLSv1.2 TLSv1.3"},
    {"proftpd", Remedy::suites, "TLSCipherSuite " SALLY_SUITES},
    {"proftpd", Remedy::chain, "TLSRSACertificateFile /path/cert.pem\nTLSRSACertificateKeyFile /path/key.pem\nTLSCertificateChainFile /path/intermediates.pem"},
    {"proftpd", Remedy::tls_on, "TLSEngine on\nTLSRSACertificateFile /path/cert.pem\nTLSRSACertificateKeyFile /path/key.pem"},
    {"proftpd", Remedy::login, "TLSRequired on"},

    {"slapd", Remedy::versions, "TLSProtocolMin 3.3\n# in cn=config: olcTLSProtocolMin"},
    {"slapd", Remedy::suites, "TLSCipherSuite " SALLY_SUITES "\n# built with GnuTLS, as in Debian: SECURE192:+SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CBC"},
    {"slapd", Remedy::chain, "TLSCertificateFile /path/fullchain.pem\nTLSCertificateKeyFile /path/key.pem"},
    {"slapd", Remedy::tls_on, "TLSCertificateFile /path/fullchain.pem\nTLSCertificateKeyFile /path/key.pem"},
    {"slapd", Remedy::login, "security simple_bind=128"},

    {"stunnel", Remedy::versions, "sslVersionMin = TLSv1.2"},
    {"stunnel", Remedy::suites, "ciphers = " SALLY_SUITES},
    {"stunnel", Remedy::groups, "curves = " SALLY_GROUPS},
    {"stunnel", Remedy::chain, "cert = /path/fullchain.pem\nkey = /path/key.pem"},
    {"stunnel", Remedy::tickets, "sessionCacheTimeout = 3600"},
    {"stunnel", Remedy::client_auth, "requestCert = no\nverifyPeer = no"},

    {"postgresql", Remedy::versions, "ssl_min_protocol_version = 'TLSv1.2'"},
    {"postgresql", Remedy::suites, "ssl_ciphers = '" SALLY_SUITES "'"},
    {"postgresql", Remedy::groups, "ssl_groups = 'X25519MLKEM768:X25519:prime256v1'  # since 18"},
    {"postgresql", Remedy::chain, "ssl_cert_file = '/path/fullchain.pem'\nssl_key_file = '/path/key.pem'"},
    {"postgresql", Remedy::tls_on, "ssl = on\nssl_cert_file = '/path/fullchain.pem'\nssl_key_file = '/path/key.pem'"},
    {"postgresql", Remedy::login, "# pg_hba.conf: hostssl instead of every host line\nhostssl all all 0.0.0.0/0 scram-sha-256"},

    {"mysql", Remedy::versions, "[mysqld]\ntls_version = TLSv1.2,TLSv1.3"},
    {"mysql", Remedy::suites, "[mysqld]\nssl_cipher = " SALLY_SUITES},
    {"mysql", Remedy::chain, "[mysqld]\nssl_cert = /path/fullchain.pem\nssl_key = /path/key.pem"},
    {"mysql", Remedy::tls_on, "[mysqld]\nssl_cert = /path/fullchain.pem\nssl_key = /path/key.pem"},
    {"mysql", Remedy::login, "[mysqld]\nrequire_secure_transport = ON"},

    {"prosody", Remedy::versions, "ssl = { protocol = \"tlsv1_2+\" }"},
    {"prosody", Remedy::suites, "ssl = { ciphers = \"" SALLY_SUITES "\" }"},
    {"prosody", Remedy::chain, "ssl = { certificate = \"/path/fullchain.pem\", key = \"/path/key.pem\" }"},
    {"prosody", Remedy::tls_on, "modules_enabled = { \"tls\" }\nssl = { certificate = \"/path/fullchain.pem\", key = \"/path/key.pem\" }"},
    {"prosody", Remedy::login, "c2s_require_encryption = true\nallow_unencrypted_plain_auth = false"},

    {"sallyport", Remedy::versions, "[tls]\nmin_version = \"1.2\"  # also what it is by default"},
    {"sallyport", Remedy::groups, "[tls]\ngroups = [\"X25519MLKEM768\", \"X25519\", \"P-256\", \"P-384\"]  # also what it is by default"},
    {"sallyport", Remedy::chain, "[site.\"www.example.com\"]\ncertificate = [\"/path/fullchain.pem\"]\nkey = [\"/path/key.pem\"]"},
    {"sallyport", Remedy::unknown_names, "[site.\"www.example.com\"]\ndefault = false"},
    {"sallyport", Remedy::hsts, "[site.\"www.example.com\".hsts]\nmax_age = \"730d\"\ninclude_subdomains = true"},
    {"sallyport", Remedy::redirect, "[site.\"www.example.com\"]\nredirect_http = true"},
    {"sallyport", Remedy::frames, "[site.\"www.example.com\"]\nheaders = { x-frame-options = \"DENY\" }"},
    {"sallyport", Remedy::referrer, "[site.\"www.example.com\"]\nheaders = { referrer-policy = \"strict-origin-when-cross-origin\" }"},
    {"sallyport", Remedy::sniffing, "[site.\"www.example.com\"]\nheaders = { x-content-type-options = \"nosniff\" }"},
};
// clang-format on
#undef SALLY_SUITES
#undef SALLY_GROUPS
#undef SALLY_SIGNATURES

}  // namespace

std::span<const MendText> all_mend_texts() { return kTexts; }

}  // namespace sally::check
