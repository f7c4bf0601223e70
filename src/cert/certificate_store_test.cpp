#include "cert/certificate_store.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "crypto/issue.h"

namespace sally::cert {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using crypto::Certificate;
using crypto::NewKey;
using crypto::PrivateKey;
using std::chrono::days;
using Kind = StoreEvent::Kind;

/// One CA for all tests, and keys of each kind.
struct Authority {
  PrivateKey key = *PrivateKey::generate(NewKey::p256);
  WallTime now = WallClock::now();
  Certificate root = make(key, {"Store test root"}, now + days(3650), true);

  Certificate make(const PrivateKey& subject, std::vector<std::string> names, WallTime until,
                   bool ca = false) const {
    crypto::CertificateDraft draft;
    draft.common_name = names.front();
    draft.not_before = now - days(30);
    draft.not_after = until;
    draft.is_ca = ca;
    if (ca) return *crypto::issue(draft, subject, {nullptr, key});
    draft.names = std::move(names);
    return *crypto::issue(draft, subject, {&root, key});
  }
};
const Authority& authority() {
  static const Authority one;
  return one;
}

class Store : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "store-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    top_ = pattern;
  }
  void TearDown() override { fs::remove_all(top_); }

  std::string at(const std::string& name) const { return (top_ / name).string(); }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file(at(name), as_bytes(text), 0600));
  }
  /// Writes NAME.pem and NAME.key and returns the certificate.
  Certificate put_pair(const std::string& name, NewKey kind = NewKey::p256,
                       std::vector<std::string> names = {"a.example"}, days left = days(80)) {
    const PrivateKey key = *PrivateKey::generate(kind);
    const Certificate made = authority().make(key, std::move(names), now_ + left);
    put(name + ".pem", made.pem());
    put(name + ".key", *key.pem());
    return made;
  }
  FilePair pair(const std::string& name) const { return {at(name + ".pem"), at(name + ".key")}; }

  Result<CertificateStore> open(std::vector<SiteWish> wishes) {
    return CertificateStore::open(std::move(wishes), {at("local-ca"), "t@h"}, now_);
  }
  static bool readable(const CertificateStore& store) {
    pollfd one{store.watch_fd(), POLLIN, 0};
    return ::poll(&one, 1, 0) == 1;
  }
  static std::string texts(const std::vector<StoreEvent>& events, Kind kind) {
    std::string out;
    for (const StoreEvent& e : events)
      if (e.kind == kind) out += e.text + "\n";
    return out;
  }

  fs::path top_;
  WallTime now_ = authority().now;
};

TEST_F(Store, TwoKindsOfKeysSideBySide) {
  put_pair("ec");
  put_pair("rsa", NewKey::rsa2048);
  auto store = open({{"a.example", {"a.example"}, {pair("ec"), pair("rsa")}}});
  ASSERT_TRUE(store) << store.error().text();
  ASSERT_EQ(store->sites().size(), 1u);
  ASSERT_EQ(store->sites()[0]->chains.size(), 2u);
  EXPECT_EQ(store->sites()[0]->chains[1]->leaf.key().text, "RSA 2048");
  EXPECT_TRUE(store->take_events().empty());
  EXPECT_EQ(store->local(), nullptr);
}

TEST_F(Store, TwoOfTheSameKindAreRefused) {
  put_pair("one");
  put_pair("two", NewKey::p384);
  const auto store = open({{"a.example", {"a.example"}, {pair("one"), pair("two")}}});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind().id, "cert.same_kind_of_key");
  EXPECT_NE(store.error().text().find(at("two.pem")), std::string::npos);
}

TEST_F(Store, StartNamesSiteFileAndCause) {
  put_pair("good");
  put_pair("other");
  put("empty.pem", "");
  struct Case {
    FilePair files;
    const char* cause;
    std::string file;
  };
  const Case cases[] = {{pair("none"), "os.not_found", at("none.pem")},
                        {{at("good.pem"), at("none.key")}, "os.not_found", at("none.key")},
                        {{at("good.pem"), at("other.key")}, "crypto.key_does_not_match", at("other.key")},
                        {{at("empty.pem"), at("good.key")}, "crypto.not_a_certificate", at("empty.pem")},
                        {{top_.string(), at("good.key")}, "os.is_a_folder", top_.string()}};
  for (const Case& c : cases) {
    const auto store = open({{"site.example", {}, {c.files}}});
    ASSERT_FALSE(store) << c.cause;
    const std::string text = store.error().text();
    EXPECT_NE(text.find("site.example"), std::string::npos) << text;
    EXPECT_NE(text.find(c.cause), std::string::npos) << text;
    EXPECT_NE(text.find(c.file), std::string::npos) << text;
  }
}

TEST_F(Store, ReplacedPairIsTakenUp) {
  put_pair("a");
  put_pair("b");
  auto store =
      open({{"a", {"a.example"}, {pair("a")}}, {"b", {"a.example"}, {pair("b")}}, {"a2", {}, {pair("a")}}});
  ASSERT_TRUE(store) << store.error().text();
  const auto before = store->sites();
  EXPECT_TRUE(store->reload_changed(now_).empty());
  const Certificate fresh = put_pair("a");
  EXPECT_TRUE(readable(*store));
  EXPECT_EQ(store->reload_changed(now_), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(store->sites()[0]->chains[0]->leaf, fresh);
  EXPECT_EQ(store->sites()[1], before[1]) << "the other site is untouched";
  EXPECT_GT(store->sites()[0]->generation, before[0]->generation);
  EXPECT_NE(before[0]->chains[0]->leaf, fresh) << "what was handed out stays as it was";
  EXPECT_NE(texts(store->take_events(), Kind::loaded).find("now serving the certificate for a.example"),
            std::string::npos);
  EXPECT_TRUE(store->reload_changed(now_).empty());
  EXPECT_TRUE(store->take_events().empty());
}

TEST_F(Store, HalvesOfAReplacementAreNoFailure) {
  put_pair("a");
  auto store = open({{"a", {"a.example"}, {pair("a")}}});
  ASSERT_TRUE(store);
  const Certificate old = store->sites()[0]->chains[0]->leaf;
  const PrivateKey key = *PrivateKey::generate(NewKey::p256);
  const Certificate fresh = authority().make(key, {"a.example"}, now_ + days(85));
  put("a.pem", fresh.pem());
  EXPECT_TRUE(store->reload_changed(now_).empty());
  EXPECT_EQ(store->sites()[0]->chains[0]->leaf, old);
  EXPECT_TRUE(store->take_events().empty()) << "the key may be on its way";
  EXPECT_LE(store->due_in(now_), 2s);
  put("a.key", *key.pem());
  EXPECT_EQ(store->reload_changed(now_ + 1s), std::vector<std::size_t>{0});
  EXPECT_EQ(store->sites()[0]->chains[0]->leaf, fresh);
  EXPECT_TRUE(texts(store->take_events(), Kind::refused).empty());
}

TEST_F(Store, BrokenReplacementIsToldOnceAndTheOldStays) {
  const Certificate good = put_pair("a");
  auto store = open({{"a", {"a.example"}, {pair("a")}}});
  ASSERT_TRUE(store);
  const std::string good_text = read_file(at("a.pem"), 1 << 20)->text;
  put("a.pem", "not a certificate");
  EXPECT_TRUE(store->reload_changed(now_).empty());
  EXPECT_TRUE(store->reload_changed(now_ + 2s).empty());
  const std::string told = texts(store->take_events(), Kind::refused);
  EXPECT_NE(told.find(at("a.pem")), std::string::npos) << told;
  EXPECT_NE(told.find("crypto.not_a_certificate"), std::string::npos) << told;
  EXPECT_NE(told.find("the old certificate"), std::string::npos) << told;
  EXPECT_TRUE(store->reload_changed(now_ + 60s).empty());
  EXPECT_TRUE(store->take_events().empty()) << "told twice";
  EXPECT_EQ(store->sites()[0]->chains[0]->leaf, good);
  EXPECT_GT(store->due_in(now_ + 60s), 10s);

  fs::remove(at("a.key"));
  store->reload_changed(now_ + 70s);
  EXPECT_NE(texts(store->take_events(), Kind::refused).find(at("a.pem")), std::string::npos)
      << "a new failure is news";
  put("a.pem", good_text);
  EXPECT_TRUE(store->reload_changed(now_ + 80s).empty());
  EXPECT_NE(texts(store->take_events(), Kind::refused).find(at("a.key")), std::string::npos);
  EXPECT_EQ(store->sites()[0]->chains[0]->leaf, good);
}

TEST_F(Store, RestoredFileIsToldAsUsableAgain) {
  put_pair("a");
  auto store = open({{"a", {"a.example"}, {pair("a")}}});
  const std::string good = read_file(at("a.pem"), 1 << 20)->text;
  put("a.pem", "x");
  store->reload_changed(now_);
  store->reload_changed(now_ + 3s);
  store->take_events();
  put("a.pem", good);
  EXPECT_TRUE(store->reload_changed(now_ + 4s).empty()) << "the same certificate is no change";
  EXPECT_NE(texts(store->take_events(), Kind::loaded).find("can be used again"), std::string::npos);
}

TEST_F(Store, RenewalThroughLinksAndWithoutEvents) {
  fs::create_directories(at("archive"));
  put_pair("archive/one");
  const Certificate two = put_pair("archive/two");
  for (const char* end : {".pem", ".key"})
    fs::create_symlink("archive/one" + std::string(end), at("live" + std::string(end)));
  auto store = open({{"a", {"a.example"}, {pair("live")}}});
  ASSERT_TRUE(store) << store.error().text();
  for (const char* end : {".pem", ".key"}) {
    fs::create_symlink("archive/two" + std::string(end), at("next"));
    fs::rename(at("next"), at("live" + std::string(end)));
  }
  EXPECT_TRUE(readable(*store));
  EXPECT_EQ(store->reload_changed(now_), std::vector<std::size_t>{0});
  EXPECT_EQ(store->sites()[0]->chains[0]->leaf, two);
}

TEST_F(Store, RenewalIsTakenUpAfterRootWasGivenUp) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const Account nobody = *find_account("nobody");
  fs::permissions(top_, fs::perms(0700));
  fs::create_directories(at("archive"));
  put_pair("archive/one");
  for (const char* end : {".pem", ".key"})
    fs::create_symlink("archive/one" + std::string(end), at("live" + std::string(end)));
  for (const bool kept : {true, false}) {
    int go[2], done[2];
    ASSERT_EQ(::pipe(go) | ::pipe(done), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      auto store = open({{"a", {"a.example"}, {pair("live")}}});
      if (!store || (kept && !store->keep_reading_as(nobody)) || !become(nobody, false)) ::_exit(100);
      char word = 'r';
      if (store->reload_changed(now_).size() != 0 || ::write(done[1], &word, 1) != 1) ::_exit(101);
      if (::read(go[0], &word, 1) != 1) ::_exit(102);
      const bool taken = store->reload_changed(now_ + 60s) == std::vector<std::size_t>{0};
      store->reload_changed(now_ + 63s);
      const bool told =
          texts(store->take_events(), Kind::refused).find("os.no_permission") != std::string::npos;
      store = open({});  // ends the other process
      ::_exit(taken == kept && told != kept ? 0 : 1);
    }
    char word = 'g';
    ASSERT_EQ(::read(done[0], &word, 1), 1);
    put_pair("archive/two");
    for (const char* end : {".pem", ".key"}) {
      fs::create_symlink("archive/two" + std::string(end), at("next"));
      fs::rename(at("next"), at("live" + std::string(end)));
    }
    ASSERT_EQ(::write(go[1], &word, 1), 1);
    int status = -1;
    ::waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0) << "kept: " << kept;
    for (const int fd : {go[0], go[1], done[0], done[1]}) ::close(fd);
  }
}

TEST_F(Store, KindOfKeyMustNotCollideAfterAReplacement) {
  put_pair("ec");
  put_pair("rsa", NewKey::rsa2048);
  auto store = open({{"a", {"a.example"}, {pair("ec"), pair("rsa")}}});
  ASSERT_TRUE(store);
  put_pair("rsa", NewKey::p384);
  EXPECT_TRUE(store->reload_changed(now_).empty());
  store->reload_changed(now_ + 2s);
  EXPECT_NE(texts(store->take_events(), Kind::refused).find("cert.same_kind_of_key"), std::string::npos);
}

TEST_F(Store, WarningsAreToldOnceWhileTheyAreTrue) {
  put_pair("a", NewKey::p256, {"a.example", "*.b.example"}, days(20));  // of 50 days
  auto store = open({{"a", {"a.example", "*.b.example", "c.example", "x.b.example"}, {pair("a")}}});
  ASSERT_TRUE(store);
  const std::string first = texts(store->take_events(), Kind::warning);
  EXPECT_EQ(std::ranges::count(first, '\n'), 1) << first;
  EXPECT_NE(first.find("does not cover c.example"), std::string::npos) << first;

  store->reload_changed(now_ + days(10));
  const std::string second = texts(store->take_events(), Kind::warning);
  EXPECT_NE(second.find("less than a quarter"), std::string::npos) << second;
  store->reload_changed(now_ + days(11));
  EXPECT_TRUE(store->take_events().empty()) << "told twice";
  store->reload_changed(now_ + days(21));
  EXPECT_NE(texts(store->take_events(), Kind::warning).find("ended on"), std::string::npos);
}

TEST_F(Store, SelfSignedAndOpenKeysAreWarnedAbout) {
  const PrivateKey key = *PrivateKey::generate(NewKey::p256);
  crypto::CertificateDraft draft;
  draft.common_name = "self";
  draft.names = {"a.example"};
  draft.not_before = now_ - days(1);
  draft.not_after = now_ + days(80);
  put("a.pem", crypto::issue(draft, key, {nullptr, key})->pem());
  ASSERT_TRUE(write_file(at("a.key"), as_bytes(*key.pem()), 0644));
  auto store = open({{"a", {"a.example"}, {pair("a")}}});
  ASSERT_TRUE(store) << store.error().text();
  const std::string said = texts(store->take_events(), Kind::warning);
  EXPECT_NE(said.find("self-signed"), std::string::npos) << said;
  EXPECT_NE(said.find("chmod 600 " + at("a.key")), std::string::npos) << said;
  fs::permissions(at("a.key"), fs::perms(0600));
  EXPECT_TRUE(store->reload_changed(now_).empty());
  fs::permissions(at("a.key"), fs::perms(0644));
  store->reload_changed(now_);
  EXPECT_NE(texts(store->take_events(), Kind::warning).find("chmod 600"), std::string::npos)
      << "true again, told again";
}

TEST_F(Store, LocalCertificateIsMadeAndRenewed) {
  auto store = open({{"local", {"localhost", "app.test"}, {}}, {"same", {"localhost", "app.test"}, {}}});
  ASSERT_TRUE(store) << store.error().text();
  ASSERT_NE(store->local(), nullptr);
  EXPECT_TRUE(store->local()->made_root);
  const Certificate first = store->sites()[0]->chains[0]->leaf;
  EXPECT_EQ(store->sites()[1]->chains[0]->leaf, first);
  EXPECT_TRUE(first.covers("app.test"));
  EXPECT_NE(texts(store->take_events(), Kind::note).find("made the local CA"), std::string::npos);
  store->reload_changed(now_);
  EXPECT_TRUE(store->reload_changed(now_ + days(59)).empty());
  const WallTime due = store->local()->renew_at;
  EXPECT_LE(store->due_in(due - 5s), 5s);
  EXPECT_EQ(store->reload_changed(due), (std::vector<std::size_t>{0, 1}));
  EXPECT_NE(store->sites()[0]->chains[0]->leaf, first);
}

TEST_F(Store, NewLocalRootIsTakenUp) {
  auto store = open({{"local", {"localhost"}, {}}});
  ASSERT_TRUE(store);
  store->reload_changed(now_);
  const Certificate first = store->sites()[0]->chains[0]->leaf;
  fs::remove(at("local-ca/root.key"));
  fs::remove(at("local-ca/root.pem"));
  EXPECT_EQ(store->reload_changed(now_), std::vector<std::size_t>{0});
  EXPECT_NE(store->sites()[0]->chains[0]->leaf, first);
}

}  // namespace
}  // namespace sally::cert
