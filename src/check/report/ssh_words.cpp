#include "check/report/ssh_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sally::check {

std::vector<std::pair<std::string, std::string>> ssh_rows(const SshSeen& seen) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](std::string name, const std::vector<std::string>& list) {
    if (!list.empty()) out.emplace_back(std::move(name), fmt::format("{}", fmt::join(list, ", ")));
  };
  out.emplace_back("banner", seen.banner);
  for (const SshKeySeen& one : seen.keys)
    out.emplace_back("host key", fmt::format("{}, {} bits, {}, {}", one.key.type, one.key.bits,
                                             one.key.fingerprint, one.proven ? "proven" : "not proven"));
  if (seen.lists) {
    add("key exchange", seen.lists->kex);
    add("signed with", seen.lists->host_key);
    add("ciphers", seen.lists->cipher_in);
    add("MACs", seen.lists->mac_in);
    add("compression", seen.lists->zip_in);
  }
  add("user keys", seen.signatures);
  if (seen.methods) add("logins", *seen.methods);
  if (seen.user)
    out.emplace_back("login", fmt::format("{}: {}", *seen.user,
                                          !seen.login.logged_in   ? "not tried"
                                          : *seen.login.logged_in ? "let in"
                                                                  : "refused"));
  if (seen.login.sftp)
    out.emplace_back("SFTP", *seen.login.sftp ? fmt::format("version {}", seen.login.sftp_version) : "no");
  return out;
}

void write_ssh(JsonText& json, const SshSeen& seen) {
  json.begin_object("ssh").string("banner", seen.banner).string("software", seen.software());
  if (seen.lists) {
    const ssh::Lists& l = *seen.lists;
    json.strings("kex", l.kex).strings("host_key_algorithms", l.host_key);
    json.strings("ciphers_from_client", l.cipher_out).strings("ciphers_to_client", l.cipher_in);
    json.strings("macs_from_client", l.mac_out).strings("macs_to_client", l.mac_in);
    json.strings("compression", l.zip_in);
    json.boolean("strict_kex", l.has_kex("kex-strict-s-v00@openssh.com"));
  }
  if (!seen.kex.empty()) json.string("kex_used", seen.kex);
  json.begin_array("host_keys");
  for (const SshKeySeen& one : seen.keys)
    json.begin_element()
        .string("type", one.key.type)
        .number("bits", one.key.bits)
        .string("fingerprint", one.key.fingerprint)
        .string("signed_with", one.algorithm)
        .boolean("proven", one.proven)
        .end();
  json.end();
  if (!seen.signatures.empty()) json.strings("user_key_algorithms", seen.signatures);
  if (seen.methods) json.strings("methods", *seen.methods);
  if (seen.let_in) json.boolean("let_in", true);
  if (seen.user) {
    json.begin_object("login").string("user", *seen.user).string("tried", seen.login.tried);
    json.boolean("logged_in", seen.login.logged_in.value_or(false));
    if (seen.login.sftp) json.boolean("sftp", *seen.login.sftp);
    if (seen.login.sftp_version != 0) json.number("sftp_version", seen.login.sftp_version);
    json.end();
  }
  json.end();
}

}  // namespace sally::check
