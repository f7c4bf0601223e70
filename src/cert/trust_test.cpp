#include "cert/trust.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cert/local_ca.h"
#include "cert/nss_stores.h"
#include "os/child.h"

namespace sally::cert {
namespace {

namespace fs = std::filesystem;

class Trust : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "trust-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    top_ = pattern;
    fs::create_directories(top_ / "home");
    const auto made = local_certificate({at("ca"), {}, "t@h", WallClock::now()});
    ASSERT_TRUE(made) << made.error().text();
    leaf_file_ = made->leaf_file;
    root_ = *local_root(at("ca"));
  }
  void TearDown() override { fs::remove_all(top_); }

  std::string at(const std::string& name) const { return (top_ / name).string(); }
  /// A system store of its own, with the real Debian program working on it.
  SystemStore debian() {
    for (const char* folder : {"anchors", "etc", "hooks"}) fs::create_directories(top_ / folder);
    const std::vector<std::string> update = {"update-ca-certificates",
                                             "--localcertsdir",
                                             at("anchors"),
                                             "--etccertsdir",
                                             at("etc"),
                                             "--hooksdir",
                                             at("hooks")};
    std::vector<std::string> refresh = update;
    refresh.push_back("--fresh");
    return {"system store", at("anchors"), ".crt", update, refresh};
  }
  /// Does certutil, asked as a browser would, accept the leaf for a server?
  bool nss_accepts(const std::string& database) {
    const std::string name = "leaf under test";
    run_program({"certutil", "-A", "-d", "sql:" + database, "-n", name, "-t", ",,", "-i", leaf_file_});
    const auto told = run_program({"certutil", "-V", "-d", "sql:" + database, "-n", name, "-u", "V"});
    run_program({"certutil", "-D", "-d", "sql:" + database, "-n", name});
    return told && told->exit_code == 0;
  }
  void make_database(const std::string& folder) {
    fs::create_directories(folder);
    ASSERT_EQ(run_program({"certutil", "-N", "--empty-password", "-d", "sql:" + folder})->exit_code, 0);
  }

  fs::path top_;
  std::string leaf_file_;
  std::optional<crypto::Certificate> root_;
};

TEST_F(Trust, SystemBundleGetsAndLosesTheRoot) {
  if (find_program("update-ca-certificates").empty()) GTEST_SKIP() << "no Debian";
  const TrustPlaces places{debian(), ""};
  const auto openssl = [&] {
    return run_program({"openssl", "verify", "-CAfile", at("etc/ca-certificates.crt"), leaf_file_})
        ->exit_code;
  };
  for (const TrustOutcome expected : {TrustOutcome::done, TrustOutcome::already}) {
    const auto told = trust(*root_, at("ca/root.pem"), places);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].outcome, expected) << told[0].text;
    EXPECT_EQ(openssl(), 0);
  }
  for (const TrustOutcome expected : {TrustOutcome::done, TrustOutcome::already}) {
    const auto told = untrust(*root_, places);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].outcome, expected) << told[0].text;
    EXPECT_NE(openssl(), 0);
  }
  EXPECT_TRUE(fs::is_empty(at("anchors")));
}

TEST_F(Trust, SystemProgramThatFailsLeavesNothing) {
  SystemStore store = debian();
  store.update = {"sh", "-c", "echo no room; exit 3"};
  const auto told = trust(*root_, at("ca/root.pem"), {store, ""});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].outcome, TrustOutcome::failed);
  EXPECT_NE(told[0].text.find("ended with 3: no room"), std::string::npos) << told[0].text;
  EXPECT_TRUE(fs::is_empty(at("anchors")));
}

TEST_F(Trust, WithoutRootTheCommandIsSpelledOut) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to stop being root";
  const SystemStore store = debian();
  fs::permissions(top_, fs::perms(0755));
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
    const auto told = trust(*root_, "/ca/root.pem", {store, ""});
    static_cast<void>(::write(ends[1], told[0].text.data(), told[0].text.size()));
    ::_exit(told[0].outcome == TrustOutcome::failed ? 0 : 1);
  }
  ::close(ends[1]);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  char said[2000];
  const ssize_t n = ::read(ends[0], said, sizeof said);
  ::close(ends[0]);
  ASSERT_GT(n, 0);
  const std::string text(said, static_cast<std::size_t>(n));
  EXPECT_NE(text.find("sudo install -m 644 /ca/root.pem " + at("anchors")), std::string::npos) << text;
  EXPECT_NE(text.find("sudo update-ca-certificates"), std::string::npos) << text;
}

TEST_F(Trust, BrowsersOfAHome) {
  if (find_program("certutil").empty()) GTEST_SKIP() << "no certutil";
  const std::string firefox = at("home/.mozilla/firefox/abcd.default-release");
  const std::string snap = at("home/snap/firefox/common/.mozilla/firefox/efgh.default");
  make_database(firefox);
  make_database(snap);
  fs::create_directories(at("home/.mozilla/firefox/Crash Reports"));  // no profile
  const TrustPlaces places{std::nullopt, at("home")};
  const std::string chromium = at("home/.pki/nssdb");

  for (const TrustOutcome expected : {TrustOutcome::done, TrustOutcome::already}) {
    const auto told = trust(*root_, at("ca/root.pem"), places);
    ASSERT_EQ(told.size(), 3u);
    EXPECT_EQ(told[0].store, "Chromium");
    EXPECT_EQ(told[1].store, "Firefox (abcd.default-release)");
    EXPECT_EQ(told[2].store, "Firefox (efgh.default)");
    for (const TrustReport& one : told) EXPECT_EQ(one.outcome, expected) << one.store << ": " << one.text;
    for (const std::string& database : {chromium, firefox, snap})
      EXPECT_TRUE(nss_accepts(database)) << database;
  }
  for (const TrustOutcome expected : {TrustOutcome::done, TrustOutcome::already}) {
    for (const TrustReport& one : untrust(*root_, places))
      EXPECT_EQ(one.outcome, expected) << one.store << ": " << one.text;
    EXPECT_FALSE(nss_accepts(chromium));
  }
}

TEST_F(Trust, TwoRootsLiveSideBySide) {
  if (find_program("certutil").empty()) GTEST_SKIP() << "no certutil";
  ASSERT_TRUE(local_certificate({at("ca2"), {}, "t@h", WallClock::now()}));
  const crypto::Certificate second = *local_root(at("ca2"));
  const TrustPlaces places{std::nullopt, at("home")};
  trust(*root_, "", places);
  EXPECT_EQ(trust(second, "", places)[0].outcome, TrustOutcome::done);
  EXPECT_EQ(untrust(second, places)[0].outcome, TrustOutcome::done);
  EXPECT_TRUE(nss_accepts(at("home/.pki/nssdb")));
}

TEST_F(Trust, ObstaclesAreNamed) {
  const auto nobody = trust_in_nss(at("nowhere"), "n", "p");
  ASSERT_EQ(nobody.size(), 1u);
  EXPECT_EQ(nobody[0].outcome, TrustOutcome::failed);
  EXPECT_NE(nobody[0].text.find(at("nowhere")), std::string::npos);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(at("home").c_str(), 65534, 65534), 0);
    EXPECT_NE(trust_in_nss(at("home"), "n", "p")[0].text.find("without sudo"), std::string::npos);
    ASSERT_EQ(::chown(at("home").c_str(), 0, 0), 0);
  }
  if (find_program("certutil").empty()) return;
  fs::create_directories(at("home/.pki/nssdb"));
  std::ofstream(at("home/.pki/nssdb/cert9.db")) << "this is no database";
  const auto broken = trust_in_nss(at("home"), "n", root_->pem());
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_EQ(broken[0].outcome, TrustOutcome::failed);
  EXPECT_FALSE(broken[0].text.empty());
}

TEST(SystemStore, KnowsThisMachine) {
  if (!fs::is_directory("/usr/local/share/ca-certificates")) GTEST_SKIP() << "no Debian";
  const auto store = system_store();
  if (find_program("update-ca-certificates").empty()) {
    EXPECT_FALSE(store);
    return;
  }
  ASSERT_TRUE(store);
  EXPECT_EQ(store->ending, ".crt");
}

}  // namespace
}  // namespace sally::cert
