#include <fmt/format.h>

#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kNotOffered{"starttls.offered", high, Grade::none, "TLS is not offered in the plain dialogue: everything goes in clear.",
    "Turn STARTTLS on with a certificate.", "RFC 8314 4.1"};
constexpr FindingKind kMailLogin{"mail.starttls_enforced", high, Grade::c, "Passwords are taken before TLS.",
    "Refuse logins without TLS.", "RFC 8314 4.1"};
constexpr FindingKind kFtpLogin{"ftp.cleartext_login", high, Grade::c, "A login is possible before TLS.",
    "Demand TLS first.", "RFC 4217 3"};
constexpr FindingKind kLdapBind{"ldap.plain_bind_allowed", high, Grade::c, "A simple bind with its password is looked at without TLS.",
    "Refuse it without TLS; with Active Directory demand signing.", "RFC 4513 5.1.3"};
constexpr FindingKind kLogin{"starttls.enforced", high, Grade::c, "A login is possible without TLS.",
    "Demand TLS.", ""};
constexpr FindingKind kInjection{"starttls.injection", high, Grade::c, "A command that was sent before TLS is run inside it: somebody in between can put commands into a client's session.",
    "Update the server: what was read before TLS must be forgotten.", "RFC 3207 4.2, CVE-2011-0411"};
constexpr FindingKind kLeft{"starttls.plaintext_after_ready", medium, Grade::b, "The server goes on in plain text after it agreed to TLS.",
    "Update the server; look for a device that adds bytes to the dialogue.", "RFC 3207 4.2"};
// clang-format on

const FindingKind& login_kind(std::string_view protocol) {
  if (protocol == "smtp" || protocol == "imap" || protocol == "pop3") return kMailLogin;
  if (protocol == "ftp") return kFtpLogin;
  return protocol == "ldap" ? kLdapBind : kLogin;
}

}  // namespace

void judge_starttls(const Case& c, Findings& out) {
  if (!c.seen.starttls) return;
  const StartTlsSeen& s = *c.seen.starttls;
  if (c.seen.reach.first.end == Answer::End::no_starttls && !c.seen.reach.tls_at_once)
    out.add(kNotOffered, c.seen.reach.first.why);
  if (s.offered && s.plain_login == proto::PlainLogin::allowed)
    out.add(login_kind(c.target.protocol->id), s.login_evidence + ".");
  if (s.injectable == true)
    out.add(kInjection, fmt::format("Inside TLS it was answered \"{}\".", s.injected_answer));
  if (!s.left.empty()) out.add(kLeft, fmt::format("{} bytes stood behind its consent.", s.left.size()));
}

}  // namespace sally::check
