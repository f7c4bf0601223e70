#include <algorithm>

#include "base/ascii.h"
#include "proto/ftp/server.h"
#include "proto/ftp/starttls.h"
#include "proto/imap/server.h"
#include "proto/imap/starttls.h"
#include "proto/ldap/server.h"
#include "proto/ldap/starttls.h"
#include "proto/mysql/starttls.h"
#include "proto/pop3/server.h"
#include "proto/pop3/starttls.h"
#include "proto/postgres/server.h"
#include "proto/postgres/starttls.h"
#include "proto/protocol.h"
#include "proto/server_side.h"
#include "proto/smtp/server.h"
#include "proto/smtp/starttls.h"
#include "proto/xmpp/server.h"
#include "proto/xmpp/starttls.h"

namespace sally::proto {
namespace {

constexpr std::uint16_t kHttps[] = {443, 8443}, kSmtps[] = {465}, kImaps[] = {993}, kPop3s[] = {995},
                        kLdaps[] = {636, 3269}, kFtps[] = {990}, kTls[] = {443}, kDot[] = {853},
                        kSmtp[] = {25, 587}, kImap[] = {143}, kPop3[] = {110}, kFtp[] = {21},
                        kLdap[] = {389, 3268}, kPostgres[] = {5432}, kMysql[] = {3306}, kXmpp[] = {5222},
                        kSsh[] = {22}, kOpenvpn[] = {1194}, kIke[] = {500, 4500};

constexpr Protocol kProtocols[] = {
    {.id = "https", .title = "Web", .source = "RFC 9110 4.2.2", .ports = kHttps, .is_http = true},
    {.id = "smtps", .title = "Mail submission", .source = "RFC 8314 3.3", .ports = kSmtps},
    {.id = "imaps", .title = "Mailboxes (IMAP)", .source = "RFC 8314 3.2", .ports = kImaps, .alpn = "imap"},
    {.id = "pop3s", .title = "Mailboxes (POP3)", .source = "RFC 8314 3.1", .ports = kPop3s, .alpn = "pop3"},
    {.id = "ldaps", .title = "Directory (LDAP)", .source = "RFC 4513", .ports = kLdaps},
    {.id = "ftps", .title = "Files (FTP), TLS at once", .source = "RFC 4217", .ports = kFtps, .alpn = "ftp"},
    {.id = "dot", .title = "DNS over TLS", .source = "RFC 7858 3.1", .ports = kDot, .alpn = "dot"},
    {.id = "smtp",
     .title = "Mail transfer and submission",
     .source = "RFC 3207",
     .entry = TlsEntry::starttls,
     .ports = kSmtp,
     .starttls = smtp::make_starttls,
     .early_command = smtp::early_command},
    {.id = "imap",
     .title = "Mailboxes (IMAP)",
     .source = "RFC 9051 6.2.1",
     .entry = TlsEntry::starttls,
     .ports = kImap,
     .alpn = "imap",
     .starttls = imap::make_starttls,
     .early_command = imap::early_command},
    {.id = "pop3",
     .title = "Mailboxes (POP3)",
     .source = "RFC 2595 4",
     .entry = TlsEntry::starttls,
     .ports = kPop3,
     .alpn = "pop3",
     .starttls = pop3::make_starttls,
     .early_command = pop3::early_command},
    {.id = "ftp",
     .title = "Files (FTP)",
     .source = "RFC 4217 4",
     .entry = TlsEntry::starttls,
     .ports = kFtp,
     .alpn = "ftp",
     .starttls = ftp::make_starttls,
     .plain_login = ftp::make_plain_login,
     .early_command = ftp::early_command},
    {.id = "ldap",
     .title = "Directory (LDAP)",
     .source = "RFC 4511 4.14",
     .entry = TlsEntry::starttls,
     .ports = kLdap,
     .starttls = ldap::make_starttls,
     .plain_login = ldap::make_plain_login,
     .early_command = ldap::early_command},
    {.id = "postgres",
     .title = "PostgreSQL",
     .source = "PostgreSQL protocol, SSL session encryption",
     .entry = TlsEntry::starttls,
     .ports = kPostgres,
     .alpn = "postgresql",
     .starttls = postgres::make_starttls,
     .plain_login = postgres::make_plain_login,
     .early_command = postgres::early_command,
     .early_refusal = "C08P01"},
    {.id = "mysql",
     .title = "MySQL and MariaDB",
     .source = "MySQL client/server protocol, connection phase",
     .entry = TlsEntry::starttls,
     .ports = kMysql,
     .starttls = mysql::make_starttls},
    {.id = "xmpp",
     .title = "Instant messages (XMPP)",
     .source = "RFC 6120 5",
     .entry = TlsEntry::starttls,
     .ports = kXmpp,
     .alpn = "xmpp-client",
     .starttls = xmpp::make_starttls,
     .early_command = xmpp::early_command},
    {.id = "ssh", .title = "Remote shell", .source = "RFC 4253", .entry = TlsEntry::never, .ports = kSsh},
    {.id = "sftp",
     .title = "Files in SSH (SFTP)",
     .source = "RFC 4254 6.5, draft-ietf-secsh-filexfer-02",
     .entry = TlsEntry::never,
     .ports = kSsh},
    {.id = "openvpn",
     .title = "OpenVPN by UDP",
     .source = "OpenVPN wire protocol, control channel",
     .entry = TlsEntry::packed,
     .ports = kOpenvpn,
     .by_udp = true},
    {.id = "openvpn-tcp",
     .title = "OpenVPN by TCP",
     .source = "OpenVPN wire protocol, control channel",
     .entry = TlsEntry::packed,
     .ports = kOpenvpn},
    {.id = "ipsec",
     .title = "VPN by IPsec (IKE)",
     .source = "RFC 7296",
     .entry = TlsEntry::never,
     .ports = kIke,
     .by_udp = true},
    {.id = "sstp", .title = "VPN in HTTPS (SSTP)", .source = "MS-SSTP 3.2", .ports = kTls},
    {.id = "tls", .title = "Anything behind TLS", .source = "RFC 8446", .ports = kTls},
};

/// The rows whose clients are served: what they hear before TLS.
constexpr struct {
  std::string_view id;
  const ServerSide* side;
} kServed[] = {{"ftp", &ftp::kServerSide},   {"smtp", &smtp::kServerSide},
               {"imap", &imap::kServerSide}, {"pop3", &pop3::kServerSide},
               {"ldap", &ldap::kServerSide}, {"postgres", &postgres::kServerSide},
               {"xmpp", &xmpp::kServerSide}};

}  // namespace

const ServerSide* server_side_of(const Protocol& row) {
  const auto* const it = std::ranges::find(kServed, row.id, [](const auto& one) { return one.id; });
  return it == std::end(kServed) ? nullptr : it->side;
}

std::span<const Protocol> all_protocols() { return kProtocols; }

const Protocol* protocol_named(std::string_view id) {
  const auto* const it =
      std::ranges::find_if(kProtocols, [&](const Protocol& p) { return ascii_iequals(p.id, id); });
  return it == std::end(kProtocols) ? nullptr : it;
}

const Protocol* protocol_of_port(std::uint16_t port) {
  const auto* const it = std::ranges::find_if(
      kProtocols, [&](const Protocol& p) { return std::ranges::find(p.ports, port) != p.ports.end(); });
  return it == std::end(kProtocols) ? nullptr : it;
}

}  // namespace sally::proto
