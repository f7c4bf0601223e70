#include "crypto/issue.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sally::crypto {
namespace {

using namespace std::chrono_literals;

/// Openssl's opinion: what it prints, and whether it ended with 0.
struct Told {
  std::string text;
  bool ok;
};
Told ask(const std::string& command) {
  Told out{{}, false};
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return out;
  char piece[4096];
  while (const std::size_t n = std::fread(piece, 1, sizeof piece, pipe)) out.text.append(piece, n);
  out.ok = ::pclose(pipe) == 0;
  return out;
}

class Issue : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "issue-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string put(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  static CertificateDraft draft(std::string name) {
    CertificateDraft out;
    out.common_name = std::move(name);
    out.not_before = WallClock::now() - 1h;
    out.not_after = WallClock::now() + 24h * 90;
    return out;
  }

  std::filesystem::path folder_;
};

TEST_F(Issue, OpensslVerifiesEveryPairOfKeyKinds) {
  constexpr NewKey kKinds[] = {NewKey::p256, NewKey::p384, NewKey::rsa2048, NewKey::ed25519};
  for (const NewKey root_kind : kKinds) {
    const PrivateKey root_key = *PrivateKey::generate(root_kind);
    CertificateDraft root_draft = draft("Root");
    root_draft.is_ca = true;
    const auto root = issue(root_draft, root_key, {nullptr, root_key});
    ASSERT_TRUE(root) << root.error().text();
    EXPECT_TRUE(root->is_self_signed());
    EXPECT_TRUE(root->is_ca());
    for (const NewKey leaf_kind : kKinds) {
      const PrivateKey leaf_key = *PrivateKey::generate(leaf_kind);
      CertificateDraft leaf_draft = draft("www.example.com");
      leaf_draft.names = {"www.example.com", "192.0.2.7", "2001:db8::7"};
      const auto leaf = issue(leaf_draft, leaf_key, {&*root, root_key});
      ASSERT_TRUE(leaf) << leaf.error().text();
      EXPECT_TRUE(leaf_key.matches(*leaf));
      const std::string files =
          "-CAfile " + put("root.pem", root->pem()) + " " + put("leaf.pem", leaf->pem());
      for (const char* who :
           {"-verify_hostname www.example.com", "-verify_ip 192.0.2.7", "-verify_ip 2001:db8::7"}) {
        const Told told =
            ask(std::string("openssl verify -x509_strict -purpose sslserver ") + who + " " + files);
        EXPECT_TRUE(told.ok) << told.text;
      }
      EXPECT_FALSE(ask("openssl verify -verify_hostname example.com " + files).ok);
    }
  }
}

TEST_F(Issue, SaysWhatTheDraftSays) {
  const PrivateKey key = *PrivateKey::generate(NewKey::p256);
  CertificateDraft d = draft("Büro");
  d.organization = "Sallyport tests";
  d.names = {"*.example.com", "localhost", "::1"};
  d.for_client = true;
  d.issuer_url = "http://ca.example/root.der";
  const Certificate made = *issue(d, key, {nullptr, key});
  EXPECT_EQ(made.common_name(), "Büro");
  EXPECT_EQ(made.subject(), "CN=Büro,O=Sallyport tests");
  EXPECT_EQ(made.issuer(), made.subject());
  EXPECT_EQ(made.names().dns, (std::vector<std::string>{"*.example.com", "localhost"}));
  EXPECT_EQ(made.names().addresses, std::vector<std::string>{"::1"});
  EXPECT_TRUE(made.covers("a.example.com"));
  EXPECT_TRUE(made.covers("[::1]"));
  EXPECT_FALSE(made.covers("B\xc3\xbcro"));
  EXPECT_EQ(made.key_usage(), std::vector<std::string>{"digitalSignature"});
  EXPECT_EQ(made.extended_key_usage(), (std::vector<std::string>{"serverAuth", "clientAuth"}));
  EXPECT_EQ(made.issuer_urls(), std::vector<std::string>{"http://ca.example/root.der"});
  EXPECT_TRUE(made.ocsp_urls().empty());
  EXPECT_EQ(made.sct_count(), 0u);
  EXPECT_FALSE(made.must_staple());
  EXPECT_EQ(made.not_after() - made.not_before(), 24h * 90 + 1h);
  EXPECT_EQ(made.signature_algorithm(), "ecdsa-with-SHA256");

  const std::string file = put("made.pem", made.pem());
  const Told fingerprint = ask("openssl x509 -noout -fingerprint -sha256 -in " + file);
  std::string ours = hex(made.fingerprint(), ":");
  for (char& c : ours) c = static_cast<char>(std::toupper(c));
  EXPECT_NE(fingerprint.text.find(ours), std::string::npos) << fingerprint.text;
  const Told pin =
      ask("openssl x509 -noout -pubkey -in " + file + " | openssl pkey -pubin -outform der | sha256sum");
  EXPECT_TRUE(pin.text.starts_with(hex(made.spki_hash()))) << pin.text;
  const Told serial = ask("openssl x509 -noout -serial -in " + file);
  EXPECT_EQ(serial.text, "serial=" + made.serial() + "\n");
}

TEST_F(Issue, SerialsAreRandomAndPositive) {
  const PrivateKey key = *PrivateKey::generate(NewKey::ed25519);
  std::string last;
  for (int i = 0; i < 64; ++i) {
    const Certificate made = *issue(draft("x"), key, {nullptr, key});
    EXPECT_EQ(made.serial().size(), 32u);
    EXPECT_LT(made.serial()[0], '8');
    EXPECT_NE(made.serial(), last);
    last = made.serial();
  }
}

TEST_F(Issue, ReadsTimestampsAndStaplingMade) {
  // An SCT list of two entries and the TLS feature extension, written by openssl from raw DER.
  const std::string conf =
      put("conf",
          "[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=sct\n[ext]\n"
          "1.3.6.1.4.1.11129.2.4.2=DER:040a000800020102000203"
          "04\n"
          "tlsfeature=status_request\n"
          "authorityInfoAccess=OCSP;URI:http://ocsp.example/\n");
  const Told made =
      ask("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -config " +
          conf + " -out " + (folder_ / "sct.pem").string());
  ASSERT_TRUE(made.ok) << made.text;
  std::ifstream in(folder_ / "sct.pem");
  const std::string pem((std::istreambuf_iterator<char>(in)), {});
  const auto certificates = parse_certificates(as_bytes(pem));
  ASSERT_TRUE(certificates) << certificates.error().text();
  EXPECT_EQ(certificates->front().sct_count(), 2u);
  EXPECT_TRUE(certificates->front().must_staple());
  EXPECT_EQ(certificates->front().ocsp_urls(), std::vector<std::string>{"http://ocsp.example/"});
}

TEST_F(Issue, RefusesNamesThatNoClientCouldMatch) {
  const PrivateKey key = *PrivateKey::generate(NewKey::p256);
  for (const char* bad :
       {"", "a b", "*", "x.*.example", "b\xc3\xbcro.example", "a..b", "user@host", "https://x"}) {
    CertificateDraft d = draft("x");
    d.names = {bad};
    const auto made = issue(d, key, {nullptr, key});
    ASSERT_FALSE(made) << bad;
    EXPECT_EQ(made.error().kind().id, "crypto.bad_name") << bad;
  }
}

TEST_F(Issue, DerRoundTripAndCopies) {
  const PrivateKey key = *PrivateKey::generate(NewKey::p256);
  const Certificate made = *issue(draft("x"), key, {nullptr, key});
  const auto again = parse_certificates(as_bytes(made.der()));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->front(), made);
  const Certificate copy = made;
  EXPECT_EQ(copy.handle(), made.handle());
  EXPECT_EQ(Certificate::from_der(as_bytes(made.der() + "x")).error().kind().id, "crypto.not_a_certificate");
}

TEST_F(Issue, FarDatesAreCutNotWrapped) {  // 9999-12-31 means "no end" (RFC 5280 4.1.2.5)
  const Told made =
      ask("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout /dev/null"
          " -days 2000000 -out " +
          (folder_ / "far.pem").string());
  ASSERT_TRUE(made.ok) << made.text;
  std::ifstream in(folder_ / "far.pem");
  const std::string pem((std::istreambuf_iterator<char>(in)), {});
  const auto certificates = parse_certificates(as_bytes(pem));
  ASSERT_TRUE(certificates) << certificates.error().text();
  EXPECT_GT(certificates->front().not_after(), WallClock::now());
}

}  // namespace
}  // namespace sally::crypto
