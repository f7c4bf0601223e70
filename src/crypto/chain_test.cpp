#include "crypto/chain.h"

#include <gtest/gtest.h>

#include "crypto/issue.h"
#include "crypto/trust_store.h"

namespace sally::crypto {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 21));

/// A root, an intermediate and a leaf for www.example.com, made once: keys cost time.
struct Family {
  PrivateKey root_key = *PrivateKey::generate(NewKey::p384);
  PrivateKey middle_key = *PrivateKey::generate(NewKey::p256);
  PrivateKey leaf_key = *PrivateKey::generate(NewKey::p256);
  Certificate root = *issue(ca("Test root", 1), root_key, {nullptr, root_key});
  Certificate middle = *issue(ca("Test intermediate", 0), middle_key, {&root, root_key});
  Certificate leaf = *issue(host("www.example.com"), leaf_key, {&middle, middle_key});

  static CertificateDraft ca(std::string name, int path_length) {
    CertificateDraft draft;
    draft.common_name = std::move(name);
    draft.not_before = kNow - 24h;
    draft.not_after = kNow + 24h * 365;
    draft.is_ca = true;
    draft.path_length = path_length;
    return draft;
  }
  static CertificateDraft host(std::string name) {
    CertificateDraft draft;
    draft.common_name = name;
    draft.names = {std::move(name)};
    draft.not_before = kNow - 1h;
    draft.not_after = kNow + 24h * 90;
    draft.issuer_url = "http://ca.example/middle.der";
    return draft;
  }
};

Family& family() {
  static Family one;
  return one;
}

Result<CertificateChain> load(const std::string& certificates, const std::string& key, WallTime now = kNow) {
  return load_chain({"site.pem", as_bytes(certificates)}, {"site.key", as_bytes(key)}, now);
}
std::string key_pem() { return *family().leaf_key.pem(); }

TEST(Chain, GoodFileLoadsWithoutAWarning) {
  const Family& f = family();
  const auto chain = load(f.leaf.pem() + f.middle.pem(), key_pem());
  ASSERT_TRUE(chain) << chain.error().text();
  EXPECT_EQ(chain->leaf, f.leaf);
  ASSERT_EQ(chain->intermediates.size(), 1u);
  EXPECT_EQ(chain->intermediates[0], f.middle);
  EXPECT_TRUE(chain->warnings.empty()) << chain->warnings.front();
}

TEST(Chain, KeyAndCertificatesMayShareAFile) {
  const std::string both = key_pem() + family().leaf.pem() + family().middle.pem();
  EXPECT_TRUE(load(both, both));
}

struct Case {
  const char* title;
  std::string certificates;
  WallTime now;
  const char* warning;  ///< a part of the one warning
};

TEST(Chain, OddFilesAreServedInOrderWithOneWarning) {
  const Family& f = family();
  const Certificate stranger =
      *issue(Family::ca("Stranger", 0), *PrivateKey::generate(NewKey::p256), {&f.root, f.root_key});
  const std::string leaf = f.leaf.pem(), middle = f.middle.pem(), root = f.root.pem();
  const Case cases[] = {
      {"leaf last", middle + leaf, kNow, "not the first"},
      {"root sent", leaf + middle + root, kNow, "holds the root \"Test root\""},
      {"double", leaf + middle + middle, kNow, "doubled"},
      {"stranger", leaf + middle + stranger.pem(), kNow, "\"Stranger\" is not part"},
      {"missing", leaf, kNow, "the intermediate \"Test intermediate\" is missing"},
      {"expired", leaf + middle, kNow + 24h * 91, "ended on 2027-02-19"},
      {"early", leaf + middle, kNow - 2h, "valid only from 2026-11-20"},
  };
  for (const Case& c : cases) {
    const auto chain = load(c.certificates, key_pem(), c.now);
    ASSERT_TRUE(chain) << c.title << ": " << chain.error().text();
    EXPECT_EQ(chain->leaf, f.leaf) << c.title;
    for (const Certificate& one : chain->intermediates) EXPECT_EQ(one, f.middle) << c.title;
    ASSERT_EQ(chain->warnings.size(), 1u) << c.title;
    EXPECT_NE(chain->warnings[0].find(c.warning), std::string::npos) << c.title << ": " << chain->warnings[0];
    EXPECT_TRUE(chain->warnings[0].starts_with("site.pem: ")) << chain->warnings[0];
  }
}

TEST(Chain, LeafFaultsAreWarnings) {
  const Family& f = family();
  CertificateDraft draft = Family::host("x");
  draft.names.clear();
  draft.for_server = false;
  draft.for_client = true;
  const Certificate odd = *issue(draft, f.leaf_key, {&f.middle, f.middle_key});
  const auto chain = load(odd.pem() + f.middle.pem(), key_pem());
  ASSERT_TRUE(chain);
  ASSERT_EQ(chain->warnings.size(), 2u);
  EXPECT_NE(chain->warnings[0].find("serverAuth"), std::string::npos);
  EXPECT_NE(chain->warnings[1].find("subjectAltName"), std::string::npos);
}

struct Refusal {
  const char* title;
  std::string certificates, key;
  const char *id, *said;
};

TEST(Chain, UnusableFilesAreRefusedByName) {
  const Family& f = family();
  const std::string leaf = f.leaf.pem(), middle = f.middle.pem();
  const Refusal refusals[] = {
      {"other key", leaf + middle, *f.root_key.pem(), "crypto.key_does_not_match",
       "site.key holds ECDSA P-384; site.pem holds"},
      {"ca as leaf", middle, *f.middle_key.pem(), "crypto.leaf_is_ca", "site.pem: \"Test intermediate\""},
      {"empty", "", key_pem(), "crypto.certificate_file_unusable", "site.pem"},
      {"text", "hello", key_pem(), "crypto.certificate_file_unusable", "no BEGIN CERTIFICATE line"},
      {"key as certificate", key_pem(), key_pem(), "crypto.certificate_file_unusable",
       "no BEGIN CERTIFICATE"},
      {"half written", leaf.substr(0, leaf.size() / 2), key_pem(), "crypto.certificate_file_unusable",
       "block 1"},
      {"second half written", leaf + middle.substr(0, 200), key_pem(), "crypto.certificate_file_unusable",
       "block 2"},
      {"no key", leaf, "", "crypto.key_file_unusable", "site.key"},
      {"certificate as key", leaf, leaf, "crypto.key_file_unusable", "begins with a CERTIFICATE block"},
  };
  for (const Refusal& r : refusals) {
    const auto chain = load(r.certificates, r.key);
    ASSERT_FALSE(chain) << r.title;
    EXPECT_EQ(chain.error().kind().id, r.id) << r.title;
    EXPECT_NE(chain.error().text().find(r.said), std::string::npos)
        << r.title << ": " << chain.error().text();
  }
}

TEST(Chain, FileLimits) {
  std::string many;
  for (int i = 0; i < 21; ++i) many += family().leaf.pem();
  EXPECT_EQ(parse_certificates(as_bytes(many)).error().kind().id, "crypto.certificates_too_large");
  EXPECT_EQ(parse_certificates(as_bytes(std::string((1 << 20) + 1, 'x'))).error().kind().id,
            "crypto.certificates_too_large");
}

TEST(TrustStore, FollowsThePathToItsRootsOnly) {
  const Family& f = family();
  const auto store = TrustStore::of({&f.root, 1});
  ASSERT_TRUE(store);
  const TrustVerdict good = store->verify(f.leaf, {&f.middle, 1}, kNow);
  EXPECT_TRUE(good.trusted) << good.why;
  EXPECT_EQ(good.path.size(), 3u);

  const TrustVerdict gap = store->verify(f.leaf, {}, kNow);
  EXPECT_FALSE(gap.trusted);
  EXPECT_EQ(gap.code, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  EXPECT_EQ(store->verify(f.leaf, {&f.middle, 1}, kNow + 24h * 91).code, X509_V_ERR_CERT_HAS_EXPIRED);

  const auto none = TrustStore::of({});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->verify(f.leaf, {&f.middle, 1}, kNow).trusted);
}

TEST(TrustStore, ClientCertificateIsNoServer) {
  const Family& f = family();
  CertificateDraft draft = Family::host("client");
  draft.for_server = false;
  draft.for_client = true;
  const Certificate client = *issue(draft, f.leaf_key, {&f.middle, f.middle_key});
  const auto store = TrustStore::of({&f.root, 1});
  EXPECT_EQ(store->verify(client, {&f.middle, 1}, kNow).code, X509_V_ERR_INVALID_PURPOSE);
}

}  // namespace
}  // namespace sally::crypto
