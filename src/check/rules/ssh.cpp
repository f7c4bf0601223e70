#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "check/dns_facts.h"
#include "check/rules/all.h"
#include "proto/ssh/algorithms.h"

namespace sally::check {
namespace {

using enum Severity;
using ssh::Strength, ssh::Use;
// clang-format off
constexpr FindingKind kVersion1{"ssh.version1", critical, Grade::f, "SSH 1 is spoken: what it carries can be changed and read on the way.",
    "Switch it off (OpenSSH before 7.4: Protocol 2), or update the server.", "RFC 4253 5, CVE-2001-0361"};
constexpr FindingKind kLetIn{"ssh.no_authentication", critical, Grade::f, "The server lets everybody in, without any proof of who they are.",
    "Demand a key (OpenSSH: PermitEmptyPasswords no, AuthenticationMethods publickey).", "RFC 4252 5.2"};
constexpr FindingKind kUnproven{"ssh.host_key_unproven", critical, Grade::t, "The server shows a host key and does not prove that it holds it.",
    "Look for somebody in between; compare the fingerprint with that on the server (ssh-keygen -lf).", "RFC 4253 8"};
constexpr FindingKind kTerrapin{"ssh.terrapin", medium, Grade::b, "Somebody in between can remove messages from the beginning of a connection (Terrapin).",
    "Update the server (OpenSSH 9.6 or newer), or leave out ChaCha20-Poly1305 and CBC ciphers with -etm MACs; update the clients too.", "CVE-2023-48795"};
constexpr FindingKind kNotStrict{"ssh.strict_kex", info, Grade::a_plus, "Strict key exchange is not offered; no cipher that is offered needs it.",
    "Update the server (OpenSSH 9.6 or newer).", "CVE-2023-48795"};
constexpr FindingKind kNoPostQuantum{"ssh.post_quantum", low, Grade::a, "No post-quantum key exchange is offered: what is recorded today may be read by a quantum computer later.",
    "Offer mlkem768x25519-sha256 (OpenSSH 9.9 or newer) or sntrup761x25519-sha512@openssh.com (8.5 or newer, by default since 9.0).", "FIPS 203"};
constexpr FindingKind kOnlyKexBroken{"ssh.kex_broken", high, Grade::f, "Key exchange methods are offered that can be broken.", "Leave them out.", "RFC 9142 4"};
constexpr FindingKind kKexWeak{"ssh.kex_weak", medium, Grade::b, "Weak key exchange methods are offered.", "Leave them out.", "RFC 9142 4"};
constexpr FindingKind kKexOld{"ssh.kex_old", low, Grade::a, "Outdated key exchange methods are offered.", "Leave them out.", "RFC 9142 4"};
constexpr FindingKind kKeyBroken{"ssh.host_key_broken", high, Grade::c, "Host key algorithms are offered that can be broken.", "Leave them out, and remove such keys.", "NIST SP 800-131A"};
constexpr FindingKind kKeyWeak{"ssh.host_key_weak", medium, Grade::b, "Host key algorithms with SHA-1 signatures are offered.", "Leave ssh-rsa out; the same key signs with rsa-sha2-256 and rsa-sha2-512.", "RFC 8332 1"};
constexpr FindingKind kCipherBroken{"ssh.cipher_broken", high, Grade::c, "Ciphers are offered that can be broken.", "Leave them out.", "CVE-2016-2183, RFC 8758"};
constexpr FindingKind kCipherWeak{"ssh.cipher_weak", medium, Grade::b, "Ciphers in CBC mode are offered.", "Leave them out.", "CVE-2008-5161"};
constexpr FindingKind kCipherOld{"ssh.cipher_old", low, Grade::a, "Outdated ciphers are offered.", "Leave them out.", "RFC 4344"};
constexpr FindingKind kMacBroken{"ssh.mac_broken", high, Grade::c, "A connection without a seal is offered.", "Leave it out.", "RFC 4253 6.4"};
constexpr FindingKind kMacWeak{"ssh.mac_weak", medium, Grade::b, "Weak seals (MACs) are offered.", "Leave them out.", "RFC 6151, RFC 4253 6.4"};
constexpr FindingKind kMacOld{"ssh.mac_old", low, Grade::a_plus, "Outdated seals (MACs) are offered.", "Leave them out.", "NIST SP 800-131A"};
constexpr FindingKind kSmallKey{"ssh.host_key_size", high, Grade::c, "A host key is shorter than 2048 bits.", "Make another (ssh-keygen -t rsa -b 3072), or use ssh-ed25519.", "NIST SP 800-131A"};
constexpr FindingKind kShortKey{"ssh.host_key_short", low, Grade::a, "A host key is shorter than 3072 bits: below what is advised beyond 2030.", "Make another (ssh-keygen -t rsa -b 3072), or use ssh-ed25519.", "NIST SP 800-57 1, 5.6.3"};
constexpr FindingKind kUnknown{"ssh.unknown_algorithm", info, Grade::a_plus, "Algorithms are offered that nobody here knows.", "Look them up, or leave them out.", ""};
constexpr FindingKind kPasswords{"ssh.passwords", info, Grade::a_plus, "One may log in with a password: they are guessed all day long.",
    "Use keys alone (OpenSSH: PasswordAuthentication no, KbdInteractiveAuthentication no), or ban those who guess.", ""};
constexpr FindingKind kNoSftp{"ssh.no_sftp", high, Grade::c, "A user is logged in and gets no SFTP.",
    "Turn the subsystem on (OpenSSH: Subsystem sftp internal-sftp), or let that user have it.", "RFC 4254 6.5"};
constexpr FindingKind kWrongSshfp{"ssh.sshfp", high, Grade::c, "DNS tells another host key than the server shows: clients that look there warn, or somebody stands in between.",
    "Compare the fingerprint on the server (ssh-keygen -lf); then publish what ssh-keygen -r HOST prints.", "RFC 4255 2.4"};
constexpr FindingKind kUnsignedSshfp{"ssh.sshfp", low, Grade::a, "There are SSHFP records, but the zone is not signed: nobody may count on them.",
    "Sign the zone (DNSSEC), or remove the records.", "RFC 4255 2.4"};
constexpr FindingKind kZip{"ssh.compression", low, Grade::a, "Compression is offered to whoever has not logged in yet.", "Update the server: since OpenSSH 7.4 it begins after the login.", "OpenSSH 7.4"};
// clang-format on

struct KindRow {
  Use use;
  Strength strength;
  const FindingKind* kind;
};
constexpr KindRow kKinds[] = {
    {Use::kex, Strength::broken, &kOnlyKexBroken}, {Use::kex, Strength::weak, &kKexWeak},
    {Use::kex, Strength::old, &kKexOld},           {Use::host_key, Strength::broken, &kKeyBroken},
    {Use::host_key, Strength::weak, &kKeyWeak},    {Use::cipher, Strength::broken, &kCipherBroken},
    {Use::cipher, Strength::weak, &kCipherWeak},   {Use::cipher, Strength::old, &kCipherOld},
    {Use::mac, Strength::broken, &kMacBroken},     {Use::mac, Strength::weak, &kMacWeak},
    {Use::mac, Strength::old, &kMacOld},
};

/// Of both directions, each once.
std::vector<std::string> both(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> out = a;
  for (const std::string& name : b)
    if (std::ranges::find(out, name) == out.end()) out.push_back(name);
  return out;
}

/// The names of this strength, with the reason behind each.
std::string named(Use use, Strength strength, const std::vector<std::string>& offered) {
  std::vector<std::string> out;
  for (const std::string& name : offered)
    if (const auto* const row = ssh::algorithm_facts(use, name); row && row->strength == strength)
      out.push_back(fmt::format("{} ({})", name, row->why));
  return fmt::format("{}", fmt::join(out, ", "));
}

bool any(const std::vector<std::string>& names, auto&& which) { return std::ranges::any_of(names, which); }

/// CVE-2023-48795: the attack needs one of two kinds of seals, and a server without strict key exchange.
void judge_terrapin(const ssh::Lists& lists, Findings& out) {
  if (lists.has_kex("kex-strict-s-v00@openssh.com")) return;
  const auto ciphers = both(lists.cipher_out, lists.cipher_in), macs = both(lists.mac_out, lists.mac_in);
  std::vector<std::string> how;
  if (std::ranges::find(ciphers, "chacha20-poly1305@openssh.com") != ciphers.end())
    how.emplace_back("chacha20-poly1305@openssh.com");
  const auto cbc = [](const std::string& name) { return name.ends_with("-cbc"); };
  const auto etm = [](const std::string& name) { return name.ends_with("-etm@openssh.com"); };
  if (any(ciphers, cbc) && any(macs, etm)) how.emplace_back("CBC ciphers with -etm MACs");
  if (how.empty())
    out.add(kNotStrict, "kex-strict-s-v00@openssh.com is not in the list.");
  else
    out.add(kTerrapin,
            fmt::format("Offered: {}; kex-strict-s-v00@openssh.com is not.", fmt::join(how, " and ")));
}

void judge_lists(const ssh::Lists& lists, Findings& out) {
  const std::pair<Use, std::vector<std::string>> all[] = {
      {Use::kex, lists.kex},
      {Use::host_key, lists.host_key},
      {Use::cipher, both(lists.cipher_out, lists.cipher_in)},
      {Use::mac, both(lists.mac_out, lists.mac_in)}};
  std::vector<std::string> unknown;
  for (const auto& [use, names] : all) {
    for (const KindRow& row : kKinds)
      if (row.use == use)
        if (const std::string text = named(use, row.strength, names); !text.empty())
          out.add(*row.kind, text + ".");
    for (const std::string& name : names)
      if (!ssh::is_marker(name) && !ssh::algorithm_facts(use, name)) unknown.push_back(name);
  }
  if (!unknown.empty()) out.add(kUnknown, fmt::format("{}.", fmt::join(unknown, ", ")));
  if (!any(lists.kex, [](const std::string& name) {
        const auto* const row = ssh::algorithm_facts(Use::kex, name);
        return row && row->post_quantum;
      }))
    out.add(kNoPostQuantum, fmt::format("Offered are {}.", fmt::join(lists.kex, ", ")));
  const auto zips = both(lists.zip_out, lists.zip_in);
  if (std::ranges::find(zips, "zlib") != zips.end()) out.add(kZip, "zlib.");
}

void judge_keys(const std::vector<SshKeySeen>& keys, Findings& out) {
  for (const SshKeySeen& one : keys) {
    const std::string text = fmt::format("{}, {} bits, {}.", one.key.type, one.key.bits, one.key.fingerprint);
    if (!one.proven) out.add(kUnproven, text);
    if (one.key.type != "ssh-rsa") continue;
    if (one.key.bits < 2048)
      out.add(kSmallKey, text);
    else if (one.key.bits < 3072)
      out.add(kShortKey, text);
  }
}

/// A key that DNS says nothing of is no fault.
void judge_sshfp(const DnsFacts::Sshfp& sshfp, const std::vector<SshKeySeen>& keys, Findings& out) {
  if (sshfp.records.empty()) return;
  if (!sshfp.signed_)
    return out.add(kUnsignedSshfp, fmt::format("{} at {}.", sshfp.records.size(), sshfp.at));
  for (const SshKeySeen& one : keys) {
    const auto about = [&](const SshfpRecord& r) { return r.is_about(one.key.type); };
    const auto agrees = [&](const SshfpRecord& r) { return r.matches(one.key.type, one.key.fingerprint); };
    if (std::ranges::any_of(sshfp.records, about) && std::ranges::none_of(sshfp.records, agrees))
      return out.add(kWrongSshfp, fmt::format("The key {} {} is none of those at {}.", one.key.type,
                                              one.key.fingerprint, sshfp.at));
  }
}

}  // namespace

void judge_ssh(const Case& c, Findings& out) {
  if (!c.seen.ssh) return;
  const SshSeen& seen = *c.seen.ssh;
  if (!seen.banner.starts_with("SSH-2.0-")) out.add(kVersion1, seen.banner + ".");
  if (seen.let_in) out.add(kLetIn, "A login by the method \"none\" was taken.");
  if (seen.lists) {
    judge_terrapin(*seen.lists, out);
    judge_lists(*seen.lists, out);
  }
  judge_keys(seen.keys, out);
  if (c.seen.dns && c.seen.dns->sshfp) judge_sshfp(*c.seen.dns->sshfp, seen.keys, out);
  if (seen.login.sftp == false)
    out.add(kNoSftp,
            fmt::format("{} was let in; the subsystem \"sftp\" was refused, or spoke something else.",
                        seen.user.value_or("")));
  std::vector<std::string> passwords;
  if (seen.methods)
    for (const std::string& method : *seen.methods)
      if (method == "password" || method == "keyboard-interactive") passwords.push_back(method);
  if (!passwords.empty()) out.add(kPasswords, fmt::format("Offered: {}.", fmt::join(passwords, ", ")));
}

}  // namespace sally::check
