#include "check/dns_records.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "crypto/issue.h"

namespace sally::check {
namespace {

using namespace std::literals;
using crypto::Certificate;

TEST(ReadCaa, TellsWhoMayIssue) {
  const auto one = read_caa("\x80\5Issue letsencrypt.org"s);
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->critical);
  EXPECT_EQ(one->tag, "issue");
  EXPECT_EQ(one->value, "letsencrypt.org");
  for (const std::string& data : {""s, "\0"s, "\0\0x"s, "\0\7issue"s, "\0\5is ue;"s})
    EXPECT_FALSE(read_caa(data));
}

TEST(ReadTxt, JoinsItsStrings) {
  EXPECT_EQ(read_txt("\3v=S\4TSv1"s), "v=STSv1");
  EXPECT_EQ(read_txt(""), "");
  EXPECT_FALSE(read_txt("\5abc"s));
}

TEST(ReadSshfp, IsAboutOneKey) {
  const auto one = read_sshfp("\4\2"s + std::string(32, 'x'));
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->text().starts_with("4 2 7878"));
  constexpr const char* kX = "SHA256:eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg";
  EXPECT_TRUE(one->matches("ssh-ed25519", kX));
  EXPECT_FALSE(one->matches("ssh-ed25519", "SHA256:eHh4"));
  EXPECT_FALSE(one->matches("ssh-rsa", kX));
  EXPECT_FALSE(read_sshfp("\4\1x"s)->is_about("ssh-ed25519"));  // SHA-1
  EXPECT_TRUE(read_sshfp("\3\2x"s)->is_about("ecdsa-sha2-nistp384"));
  EXPECT_FALSE(read_sshfp("\4\2"s));
}

/// A root, an intermediate and a leaf.
struct Path {
  std::vector<Certificate> sent;
  Path() {
    const auto root_key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
    const auto key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
    const auto make = [&](const char* name, bool ca, const Certificate* by, const crypto::PrivateKey& own,
                          const crypto::PrivateKey& signer) {
      crypto::CertificateDraft draft;
      draft.common_name = name;
      draft.is_ca = ca;
      if (!ca) draft.names = {"mx.example.com"};
      draft.not_before = WallClock::now() - std::chrono::hours(1);
      draft.not_after = WallClock::now() + std::chrono::hours(1);
      return crypto::issue(draft, own, {by, signer}).value();
    };
    const Certificate root = make("Root", true, nullptr, root_key, root_key);
    sent = {make("mx.example.com", false, &root, key, root_key), root};
  }
};

std::string sha256_of(const std::string& bytes) {
  const auto digest = crypto::sha256(bytes);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

TEST(DaneAgrees, ByTheLeafOrByOneAboveIt) {
  const Path path;
  const std::string leaf = path.sent[0].der(), root = path.sent[1].der();
  const auto agrees = [&](std::uint8_t usage, std::uint8_t matching, const std::string& data,
                          bool mail = true) {
    const std::vector<TlsaRecord> records{{usage, 0, matching, data}};
    return dane_agrees(records, path.sent, mail);
  };
  EXPECT_TRUE(agrees(3, 0, leaf));
  EXPECT_TRUE(agrees(3, 1, sha256_of(leaf)));
  EXPECT_TRUE(agrees(2, 1, sha256_of(root)));
  EXPECT_FALSE(agrees(2, 1, sha256_of(leaf)));  // the leaf is no authority of itself
  EXPECT_FALSE(agrees(3, 1, sha256_of(root)));
  EXPECT_FALSE(agrees(1, 1, sha256_of(leaf)));  // senders of mail do not take it
  EXPECT_TRUE(agrees(1, 1, sha256_of(leaf), false));
  EXPECT_FALSE(agrees(3, 1, sha256_of(leaf).substr(1)));
  EXPECT_FALSE(agrees(3, 9, leaf));
  const std::vector<TlsaRecord> none;
  EXPECT_FALSE(dane_agrees(none, path.sent, true));
}

TEST(DaneAgrees, ByThePublicKey) {
  const Path path;
  const auto hash = path.sent[0].spki_hash();
  const std::string data(reinterpret_cast<const char*>(hash.data()), hash.size());
  const std::vector<TlsaRecord> records{{3, 1, 1, data}};
  EXPECT_TRUE(dane_agrees(records, path.sent, true));
  EXPECT_EQ(records[0].text().substr(0, 6), "3 1 1 ");
}

}  // namespace
}  // namespace sally::check
