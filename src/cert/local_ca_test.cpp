#include "cert/local_ca.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "os/child.h"

namespace sally::cert {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;
using std::chrono::hours;

class LocalCa : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "localca-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    top_ = pattern;
    plan_.folder = (top_ / "data/local-ca").string();
    plan_.owner = "tester@host";
    plan_.now = WallClock::now();
  }
  void TearDown() override { fs::remove_all(top_); }

  LocalCertificate get() {
    auto got = local_certificate(plan_);
    EXPECT_TRUE(got) << got.error().text();
    return *std::move(got);
  }
  std::string at(const std::string& name) const { return plan_.folder + "/" + name; }
  static mode_t mode_of(const std::string& path) {
    struct stat s {};
    EXPECT_EQ(::stat(path.c_str(), &s), 0) << path;
    return s.st_mode & 07777;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& one : fs::directory_iterator(plan_.folder)) out.push_back(one.path().filename());
    std::ranges::sort(out);
    return out;
  }

  fs::path top_;
  LocalCaPlan plan_;
};

TEST_F(LocalCa, FirstUseMakesBothAndOpensslAgrees) {
  plan_.names = {"app.example.test", "192.0.2.9"};
  const LocalCertificate made = get();
  EXPECT_TRUE(made.made_root);
  EXPECT_TRUE(made.made_leaf);
  EXPECT_EQ(files().size(), 4u) << "lock, root.pem, root.key and one leaf";
  for (const char* host : {"localhost", "app.example.test"}) {
    const auto told = run_program({"openssl", "verify", "-x509_strict", "-purpose", "sslserver",
                                   "-verify_hostname", host, "-CAfile", made.root_file, made.leaf_file});
    EXPECT_EQ(told->exit_code, 0) << told->output;
  }
  for (const char* address : {"127.0.0.1", "::1", "192.0.2.9"}) {
    const auto told =
        run_program({"openssl", "verify", "-verify_ip", address, "-CAfile", made.root_file, made.leaf_file});
    EXPECT_EQ(told->exit_code, 0) << told->output;
  }
  EXPECT_TRUE(made.chain.leaf.covers("x.localhost"));
  EXPECT_FALSE(made.chain.leaf.covers("example.test"));
  EXPECT_EQ(made.chain.leaf.key().text, "ECDSA P-256");
  EXPECT_EQ(made.chain.leaf.issuer_common_name(), "Sallyport local CA tester@host");
  EXPECT_TRUE(made.chain.key.matches(made.chain.leaf));
}

TEST_F(LocalCa, FilesAreForTheOwnerOnly) {
  const LocalCertificate made = get();
  EXPECT_EQ(mode_of(plan_.folder), 0700u);
  EXPECT_EQ(mode_of(at("root.key")), 0600u);
  EXPECT_EQ(mode_of(made.leaf_file), 0600u);
  EXPECT_EQ(mode_of(at("lock")), 0600u);
}

TEST_F(LocalCa, SecondUseChangesNothing) {
  const LocalCertificate first = get(), second = get();
  EXPECT_FALSE(second.made_root);
  EXPECT_FALSE(second.made_leaf);
  EXPECT_EQ(first.chain.leaf, second.chain.leaf);
  EXPECT_TRUE(second.notes.empty()) << second.notes.front();
}

TEST_F(LocalCa, LoosePermissionsAreRepairedAndTold) {
  const LocalCertificate first = get();
  fs::permissions(plan_.folder, fs::perms(0755));
  fs::permissions(at("root.key"), fs::perms(0644));
  fs::permissions(first.leaf_file, fs::perms(0640));
  const LocalCertificate second = get();
  EXPECT_EQ(second.chain.leaf, first.chain.leaf);
  ASSERT_EQ(second.notes.size(), 3u);
  EXPECT_NE(second.notes[0].find("0755"), std::string::npos) << second.notes[0];
  EXPECT_NE(second.notes[1].find("root.key had mode 0644"), std::string::npos) << second.notes[1];
  EXPECT_NE(second.notes[2].find("0640"), std::string::npos) << second.notes[2];
  EXPECT_EQ(mode_of(plan_.folder), 0700u);
  EXPECT_EQ(mode_of(at("root.key")), 0600u);
}

TEST_F(LocalCa, ForeignAndLinkedFilesAreRefused) {
  get();
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(at("root.key").c_str(), 65534, 65534), 0);
    EXPECT_EQ(local_certificate(plan_).error().kind().id, "cert.folder_not_ours");
    ASSERT_EQ(::chown(at("root.key").c_str(), 0, 0), 0);
    ASSERT_EQ(::chown(plan_.folder.c_str(), 65534, 65534), 0);
    EXPECT_EQ(local_certificate(plan_).error().kind().id, "cert.folder_not_ours");
    ASSERT_EQ(::chown(plan_.folder.c_str(), 0, 0), 0);
  }
  fs::rename(at("root.key"), top_ / "elsewhere");
  fs::create_symlink(top_ / "elsewhere", at("root.key"));
  EXPECT_EQ(local_certificate(plan_).error().kind().id, "cert.folder_not_ours");
}

TEST_F(LocalCa, LeafIsRenewedWhenAThirdIsLeft) {
  const LocalCertificate first = get();
  plan_.now = first.renew_at - hours(1);
  EXPECT_EQ(get().chain.leaf, first.chain.leaf);
  plan_.now = first.renew_at;
  const LocalCertificate second = get();
  EXPECT_TRUE(second.made_leaf);
  EXPECT_FALSE(second.made_root);
  EXPECT_FALSE(second.chain.leaf == first.chain.leaf);
  EXPECT_GE(second.chain.leaf.not_after() - plan_.now, days(89));
  EXPECT_NEAR(std::chrono::duration<double>(first.chain.leaf.not_after() - first.renew_at) / days(1), 30.0,
              0.1);
  EXPECT_TRUE(second.chain.leaf.is_signed_by(*local_root(plan_.folder)));
}

TEST_F(LocalCa, RootIsRenewedBeforeItEndsBelowALeaf) {
  const LocalCertificate first = get();
  const WallTime end = local_root(plan_.folder)->not_after();
  plan_.now = end - days(91);
  EXPECT_FALSE(get().made_root);
  plan_.now = end - days(89);
  const LocalCertificate renewed = get();
  EXPECT_TRUE(renewed.made_root);
  EXPECT_TRUE(renewed.made_leaf);
  EXPECT_GT(local_root(plan_.folder)->not_after(), end);
  EXPECT_TRUE(renewed.chain.leaf.is_signed_by(*local_root(plan_.folder)));
}

TEST_F(LocalCa, OtherNamesHaveTheirOwnLeaf) {
  plan_.names = {"One.Example.Test."};
  const LocalCertificate one = get();
  EXPECT_TRUE(one.chain.leaf.covers("one.example.test"));
  plan_.names = {"two.example.test", "[2001:DB8::1]"};
  const LocalCertificate two = get();
  EXPECT_TRUE(two.made_leaf);
  EXPECT_FALSE(two.made_root);
  EXPECT_TRUE(two.chain.leaf.covers("2001:db8::1"));
  EXPECT_FALSE(two.chain.leaf.covers("one.example.test"));
  EXPECT_NE(one.leaf_file, two.leaf_file);
  EXPECT_FALSE(get().made_leaf);
  plan_.names = {"not a name"};
  EXPECT_EQ(local_certificate(plan_).error().kind().id, "crypto.bad_name");
}

TEST_F(LocalCa, AnotherRootMeansAnotherLeaf) {
  const LocalCertificate first = get();
  LocalCaPlan other = plan_;
  other.folder = (top_ / "other").string();
  ASSERT_TRUE(local_certificate(other));
  for (const char* file : {"/root.pem", "/root.key"})
    fs::copy_file(other.folder + file, plan_.folder + file, fs::copy_options::overwrite_existing);
  const LocalCertificate second = get();
  EXPECT_FALSE(second.made_root);
  EXPECT_TRUE(second.made_leaf);
  EXPECT_TRUE(second.chain.leaf.is_signed_by(*local_root(other.folder)));
}

TEST_F(LocalCa, BrokenFiles) {
  const LocalCertificate first = get();
  std::ofstream(first.leaf_file) << "garbage";
  EXPECT_TRUE(get().made_leaf) << "a leaf costs nothing";

  fs::remove(at("root.key"));
  const LocalCertificate fresh = get();
  EXPECT_TRUE(fresh.made_root);
  EXPECT_NE(fresh.notes[0].find("cert trust"), std::string::npos) << fresh.notes[0];

  struct Case {
    const char *file, *text, *said;
  };
  const Case cases[] = {
      {"root.pem", "garbage", "root.pem"}, {"root.pem", "", "root.pem"}, {"root.key", "garbage", "root.key"}};
  for (const Case& c : cases) {
    const std::string good = read_file(at(c.file), 1 << 20)->text;
    std::ofstream(at(c.file)) << c.text;
    const auto got = local_certificate(plan_);
    ASSERT_FALSE(got) << c.file;
    EXPECT_EQ(got.error().kind().id, "cert.local_ca_broken") << c.file;
    EXPECT_NE(got.error().text().find(c.said), std::string::npos) << got.error().text();
    std::ofstream(at(c.file)) << good;
  }
  ASSERT_TRUE(
      write_file(at("root.key"), as_bytes(*crypto::PrivateKey::generate(crypto::NewKey::p256)->pem()), 0600));
  EXPECT_EQ(local_certificate(plan_).error().kind().id, "cert.local_ca_broken") << "mismatch";
}

TEST_F(LocalCa, FullNameOfALongHostIsCut) {
  plan_.owner = std::string(200, 'u') + "@host";
  get();
  EXPECT_EQ(local_root(plan_.folder)->common_name().size(), 64u);
}

TEST_F(LocalCa, ProcessesThatRaceAgree) {
  constexpr int kProcesses = 8;
  int start[2];
  ASSERT_EQ(::pipe(start), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      char go;
      ::close(start[1]);
      static_cast<void>(::read(start[0], &go, 1));  // all begin when the parent closes its end
      const auto got = local_certificate(plan_);
      if (!got) ::_exit(1);
      std::ofstream(top_ / ("result" + std::to_string(i))) << got->chain.leaf.pem();
      ::_exit(0);
    }
    children.push_back(pid);
  }
  ::close(start[0]);
  ::close(start[1]);
  for (const pid_t pid : children) {
    int status = -1;
    ::waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const std::string expected = get().chain.leaf.pem();
  for (int i = 0; i < kProcesses; ++i)
    EXPECT_EQ(read_file((top_ / ("result" + std::to_string(i))).string(), 1 << 20)->text, expected) << i;
  EXPECT_EQ(files().size(), 4u);
}

TEST_F(LocalCa, LockThatIsHeldIsNamed) {
  get();
  const auto held = lock_folder(plan_.folder);
  ASSERT_TRUE(held);
  const auto second = lock_folder(plan_.folder, std::chrono::milliseconds(30));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind().id, "cert.folder_busy");
}

}  // namespace
}  // namespace sally::cert
