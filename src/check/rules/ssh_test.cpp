#include <gtest/gtest.h>

#include <algorithm>

#include "check/dns_facts.h"
#include "check/rules/all.h"

namespace sally::check {
namespace {

std::vector<std::string_view> ids_of(const Observations& seen) {
  Target target;
  target.protocol = proto::protocol_named("ssh");
  const Roots roots;
  Findings out;
  judge_ssh({target, seen, roots}, out);
  std::vector<std::string_view> ids;
  for (const Finding& f : out.take()) ids.push_back(f.kind->id);
  return ids;
}

Observations sound() {
  Observations out;
  out.ssh.emplace().banner = "SSH-2.0-OpenSSH_10.0";
  ssh::Lists& l = out.ssh->lists.emplace();
  l.kex = {"mlkem768x25519-sha256", "kex-strict-s-v00@openssh.com", "ext-info-s"};
  l.host_key = {"ssh-ed25519"};
  l.cipher_out = l.cipher_in = {"chacha20-poly1305@openssh.com"};
  l.mac_out = l.mac_in = {"hmac-sha2-256-etm@openssh.com"};
  l.zip_out = l.zip_in = {"none", "zlib@openssh.com"};
  out.ssh->keys.push_back({{"ssh-ed25519", 256, "SHA256:x"}, "ssh-ed25519", true});
  out.ssh->methods = std::vector<std::string>{"publickey"};
  return out;
}

TEST(SshRules, NothingAgainstASoundServer) { EXPECT_TRUE(ids_of(sound()).empty()); }

TEST(SshRules, EverybodyIsLetIn) {
  Observations seen = sound();
  seen.ssh->let_in = true;
  EXPECT_EQ(ids_of(seen), std::vector<std::string_view>{"ssh.no_authentication"});
}

TEST(SshRules, AKeyThatIsNotProven) {
  Observations seen = sound();
  seen.ssh->keys.front().proven = false;
  EXPECT_EQ(ids_of(seen), std::vector<std::string_view>{"ssh.host_key_unproven"});
}

TEST(SshRules, EachDirectionCounts) {
  Observations seen = sound();
  seen.ssh->lists->cipher_out.emplace_back("3des-cbc");
  seen.ssh->lists->mac_in.emplace_back("hmac-md5");
  EXPECT_EQ(ids_of(seen), (std::vector<std::string_view>{"ssh.cipher_broken", "ssh.mac_weak"}));
}

TEST(SshRules, WithoutStrictKeyExchangeItDependsOnTheCipher) {
  Observations seen = sound();
  std::erase(seen.ssh->lists->kex, "kex-strict-s-v00@openssh.com");
  EXPECT_EQ(ids_of(seen), std::vector<std::string_view>{"ssh.terrapin"});
  seen.ssh->lists->cipher_out = seen.ssh->lists->cipher_in = {"aes128-ctr"};
  EXPECT_EQ(ids_of(seen), std::vector<std::string_view>{"ssh.strict_kex"});
}

TEST(SshRules, SizesOfRsaKeys) {
  Observations seen = sound();
  const std::pair<unsigned, std::vector<std::string_view>> sizes[] = {
      {1024, {"ssh.host_key_size"}}, {2048, {"ssh.host_key_short"}}, {3072, {}}};
  for (const auto& [bits, ids] : sizes) {
    seen.ssh->keys.front().key = {"ssh-rsa", bits, "SHA256:x"};
    EXPECT_EQ(ids_of(seen), ids) << bits;
  }
}

TEST(SshRules, WhatDnsSaysOfItsKeys) {
  Observations seen = sound();
  seen.ssh->keys.front().key.fingerprint = "SHA256:eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg";
  const auto dns = std::make_shared<DnsFacts>();
  seen.dns = dns;
  const SshfpRecord agrees{4, 2, std::string(32, 'x')}, differs{4, 2, "other"}, of_another{1, 2, "other"},
      old{4, 1, "other"};
  struct Row {
    std::vector<SshfpRecord> records;
    bool is_signed;
    std::vector<std::string_view> ids;
  };
  const Row rows[] = {{{}, false, {}},
                      {{agrees, differs}, true, {}},
                      {{of_another, old}, true, {}},
                      {{differs}, true, {"ssh.sshfp"}},
                      {{agrees}, false, {"ssh.sshfp"}}};
  for (const auto& [records, is_signed, ids] : rows) {
    dns->sshfp = DnsFacts::Sshfp{"host.example.com", is_signed, records};
    EXPECT_EQ(ids_of(seen), ids);
  }
}

TEST(SshRules, AUserWithoutSftp) {
  Observations seen = sound();
  seen.ssh->user = "me";
  EXPECT_TRUE(ids_of(seen).empty());
  seen.ssh->login.sftp = false;
  EXPECT_EQ(ids_of(seen), std::vector<std::string_view>{"ssh.no_sftp"});
}

TEST(SshRules, WhatNobodyKnowsIsNoFault) {
  Observations seen = sound();
  seen.ssh->lists->mac_out.emplace_back("hmac-new");
  EXPECT_EQ(ids_of(seen), std::vector<std::string_view>{"ssh.unknown_algorithm"});
}

}  // namespace
}  // namespace sally::check
