#include "cert/describe.h"

#include <gtest/gtest.h>

#include "crypto/issue.h"

namespace sally::cert {
namespace {

using namespace std::chrono_literals;
using crypto::Certificate;
using crypto::CertificateDraft;
using crypto::NewKey;
using crypto::PrivateKey;
using std::chrono::days;

const WallTime kNow = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 21));

CertificateDraft ca(std::string name, int path_length) {
  CertificateDraft d;
  d.common_name = std::move(name);
  d.not_before = kNow - days(100);
  d.not_after = kNow + days(3650);
  d.is_ca = true;
  d.path_length = path_length;
  return d;
}
CertificateDraft host(std::string issuer_url = {}) {
  CertificateDraft d;
  d.common_name = "www.example.com";
  d.names = {"www.example.com", "example.com"};
  d.not_before = kNow - days(10);
  d.not_after = kNow + days(80);
  d.issuer_url = std::move(issuer_url);
  return d;
}

struct World {
  PrivateKey key = *PrivateKey::generate(NewKey::p256);
  Certificate root = *crypto::issue(ca("World root", 1), key, {nullptr, key});
  Certificate middle = *crypto::issue(ca("World intermediate", 0), key, {&root, key});
  Certificate other = *crypto::issue(ca("Other root", 1), key, {nullptr, key});
  crypto::TrustStore roots = *crypto::TrustStore::of({&root, 1});

  Certificate leaf(const CertificateDraft& d) const { return *crypto::issue(d, key, {&middle, key}); }
  Description judge(std::vector<Certificate> sent, std::string name = "example.com", WallTime now = kNow,
                    const Certificate* local = nullptr) const {
    return describe({"source", std::move(sent), std::move(name), std::nullopt}, {roots, local, now});
  }
};
const World& world() {
  static const World one;
  return one;
}

TEST(Describe, SoundChainHasNoProblem) {
  const World& w = world();
  const Description d = w.judge({w.leaf(host()), w.middle});
  EXPECT_TRUE(d.verdict.trusted) << d.verdict.why;
  EXPECT_TRUE(d.problems.empty()) << d.problems[0].what;
  const std::string text = description_text(d);
  for (const char* part : {"www.example.com", "80 days left of 90", "ECDSA P-256", "No problem found.",
                           "yes: leads to \"World root\"", "1. www.example.com  by  World intermediate",
                           "2. World intermediate  by  World root"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
}

struct Case {
  const char* title;
  Description description;
  bool fatal;
  const char *what, *mend;
};

TEST(Describe, EachFaultIsNamedWithItsMend) {
  const World& w = world();
  const Certificate leaf = w.leaf(host());
  CertificateDraft nameless = host(), client = host(), old = host(), long_lived = host(),
                   public_long = host("http://ca/x");
  nameless.names.clear();
  client.for_server = false;
  client.for_client = true;
  long_lived.not_after = long_lived.not_before + days(900);
  public_long.not_after = public_long.not_before + days(300);
  const Certificate self = *crypto::issue(host(), w.key, {nullptr, w.key});
  const Certificate by_other = *crypto::issue(host(), w.key, {&w.other, w.key});
  const Certificate ed = *crypto::issue(host(), *PrivateKey::generate(NewKey::ed25519), {&w.middle, w.key});

  const Case cases[] = {
      {"expired", w.judge({leaf, w.middle}, "example.com", kNow + days(81)), true, "ended on 2027-02-09",
       "Renew"},
      {"early", w.judge({leaf, w.middle}, "example.com", kNow - days(11)), true, "valid only from 2026-11-11",
       "clock"},
      {"near its end", w.judge({leaf, w.middle}, "example.com", kNow + days(60)), false,
       "less than a quarter", "Renew it now"},
      {"other name", w.judge({leaf, w.middle}, "mail.example.com"), true,
       "does not cover mail.example.com. It covers www.example.com, example.com.", "this name"},
      {"no names", w.judge({w.leaf(nameless), w.middle}), true, "no subjectAltName", "subjectAltName"},
      {"client", w.judge({w.leaf(client), w.middle}), true, "lacks serverAuth", "server certificate"},
      {"missing", w.judge({w.leaf(host("http://ca.example/m.der"))}), true,
       "\"World intermediate\" is missing", "http://ca.example/m.der"},
      {"unknown issuer", w.judge({leaf}), true, "\"World intermediate\", which is not known", "private CA"},
      {"self-signed", w.judge({self}), true, "self-signed", "sallyport cert trust"},
      {"other root", w.judge({by_other, w.other}), true,
       "root \"Other root\", which this system does not trust", "public CA"},
      {"local CA", w.judge({by_other}, "example.com", kNow, &w.other), true, "local CA",
       "sallyport cert trust"},
      {"root sent", w.judge({leaf, w.middle, w.root}), false, "The root \"World root\" is sent", "Remove"},
      {"stranger sent", w.judge({leaf, w.middle, self}), false, "\"www.example.com\" is sent along",
       "Remove"},
      {"doubled", w.judge({leaf, w.middle, w.middle}), false, "twice", "behind the one"},
      {"ca first", w.judge({w.middle, leaf}), true, "not the first", "first"},
      {"Ed25519", w.judge({ed, w.middle}), false, "Ed25519", "P-256"},
      {"long", w.judge({w.leaf(long_lived), w.middle}), true,
       "lives 900 days, and Apple's clients accept at most 825", "shorter"},
      {"public and long", w.judge({w.leaf(public_long), w.middle}), true,
       "lives 300 days, and browsers accept at most 200", "shorter"},
  };
  for (const Case& c : cases) {
    ASSERT_FALSE(c.description.problems.empty()) << c.title;
    const auto hit = std::ranges::find_if(
        c.description.problems, [&](const Problem& p) { return p.what.find(c.what) != std::string::npos; });
    ASSERT_NE(hit, c.description.problems.end()) << c.title << ": " << c.description.problems[0].what;
    EXPECT_EQ(hit->fatal, c.fatal) << c.title;
    EXPECT_NE(hit->mend.find(c.mend), std::string::npos) << c.title << ": " << hit->mend;
    EXPECT_EQ(c.description.acceptable(), !c.fatal) << c.title;
    const bool has_two =
        std::string_view(c.title) == "other root" || std::string_view(c.title) == "public and long";
    EXPECT_EQ(c.description.problems.size(), has_two ? 2u : 1u)
        << c.title << ": " << c.description.problems.back().what;
    EXPECT_NE(description_text(c.description).find(hit->what), std::string::npos) << c.title;
  }
}

TEST(Describe, AuthorityIsDescribedAsOne) {
  const World& w = world();
  const Description d = w.judge({w.root}, "");
  EXPECT_TRUE(d.acceptable()) << d.problems[0].what;
  EXPECT_NE(description_text(d).find("a certificate authority"), std::string::npos);
}

TEST(Describe, NamesCannotSteerTheTerminal) {
  const World& w = world();
  CertificateDraft evil = host();
  evil.common_name = "\x1b]0;gotcha\x07";
  const Description d = w.judge({w.leaf(evil), w.middle});
  EXPECT_EQ(description_text(d).find('\x1b'), std::string::npos);
  EXPECT_EQ(description_json(d).find('\x1b'), std::string::npos);
}

TEST(Describe, JsonHoldsTheSameFacts) {
  const World& w = world();
  const Certificate leaf = w.leaf(host());
  Description d = w.judge({leaf, w.middle}, "mail.example.com");
  d.shown.handshake = Handshake{"127.0.0.1:443", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519MLKEM768", "h2"};
  const std::string json = description_json(d);
  for (const std::string& part :
       {std::string("\"acceptable\": false"), std::string("\"trusted\": true"),
        std::string("\"not_after\": \"2027-02-09T00:00:00Z\""), std::string("\"days_left\": 80"),
        "\"sha256\": \"" + crypto::hex(leaf.fingerprint()) + "\"",
        std::string("\"group\": \"X25519MLKEM768\""), std::string("\"severity\": \"problem\"")})
    EXPECT_NE(json.find(part), std::string::npos) << part << " in " << json;
}

TEST(Describe, SystemRootsOfThisMachine) {
  const auto roots = system_roots();
  if (!roots && roots.error().kind().id == "os.not_found") GTEST_SKIP() << "no ca-certificates";
  ASSERT_TRUE(roots) << roots.error().text();
  EXPECT_GT(roots->size(), 50u);
}

}  // namespace
}  // namespace sally::cert
