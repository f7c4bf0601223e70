#include "os/file_watch.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sally {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "watch-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    auto made = FileWatch::make();
    ASSERT_TRUE(made) << made.error().text();
    watch_.emplace(std::move(*made));
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  void put(const std::string& name, const std::string& text) { std::ofstream(at(name)) << text; }
  void observe(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(at(name));
    const auto armed = watch_->watch(paths);
    ASSERT_TRUE(armed) << armed.error().text();
    watch_->changed();
  }
  /// inotify queues an event before the system call that causes it returns, so no waiting is needed.
  std::vector<std::string> changed() { return watch_->changed(); }
  /// The reverse proves nothing: the folders above, which all tests share, are watched as well.
  bool readable() const {
    pollfd one{watch_->fd(), POLLIN, 0};
    return ::poll(&one, 1, 0) == 1;
  }
  /// Each change must be seen on its own, so that none rides on an earlier one's back.
  void expect_change_of(const std::string& name, const char* why) {
    EXPECT_EQ(changed(), std::vector<std::string>{at(name)}) << why;
    EXPECT_TRUE(changed().empty()) << why << ": told twice";
  }

  fs::path folder_;
  std::optional<FileWatch> watch_;
};

TEST_F(FileWatchTest, PlainFile) {
  put("a", "1");
  put("b", "1");
  observe({"a", "b"});
  EXPECT_TRUE(changed().empty());
  put("a", "2");
  EXPECT_TRUE(readable());
  expect_change_of("a", "written");
  put("fresh", "3");
  EXPECT_TRUE(changed().empty()) << "another name in the folder";
  fs::rename(at("fresh"), at("b"));
  expect_change_of("b", "replaced by rename");
  put("b", "4");
  expect_change_of("b", "the new file is watched as well");
  fs::remove(at("a"));
  expect_change_of("a", "removed");
  put("a", "5");
  expect_change_of("a", "made again");
}

TEST_F(FileWatchTest, FileInAFolderThatComesLater) {
  observe({"x/y/z.pem"});
  fs::create_directory(at("x"));
  changed();
  fs::create_directory(at("x/y"));
  changed();
  put("x/y/z.pem", "1");
  expect_change_of("x/y/z.pem", "made");
}

TEST_F(FileWatchTest, CertbotLive) {  // live/site/cert.pem -> ../../archive/site/cert1.pem
  fs::create_directories(at("live/site"));
  fs::create_directories(at("archive/site"));
  put("archive/site/cert1.pem", "1");
  fs::create_symlink("../../archive/site/cert1.pem", at("live/site/cert.pem"));
  observe({"live/site/cert.pem"});
  put("archive/site/cert2.pem", "2");
  EXPECT_TRUE(changed().empty());
  fs::create_symlink("../../archive/site/cert2.pem", at("live/site/next"));
  fs::rename(at("live/site/next"), at("live/site/cert.pem"));
  expect_change_of("live/site/cert.pem", "link swapped");
  put("archive/site/cert2.pem", "2b");
  expect_change_of("live/site/cert.pem", "the new target is watched");
  put("archive/site/cert1.pem", "1b");
  EXPECT_TRUE(changed().empty()) << "the old target is not";
}

TEST_F(FileWatchTest, KubernetesVolume) {  // tls.crt -> ..data/tls.crt, ..data -> ..2026_1
  fs::create_directories(at("vol/..2026_1"));
  put("vol/..2026_1/tls.crt", "1");
  fs::create_symlink("..2026_1", at("vol/..data"));
  fs::create_symlink("..data/tls.crt", at("vol/tls.crt"));
  observe({"vol/tls.crt"});
  for (int turn = 2; turn < 5; ++turn) {
    const std::string fresh = "..2026_" + std::to_string(turn);
    fs::create_directories(at("vol/" + fresh));
    put("vol/" + fresh + "/tls.crt", "2");
    fs::create_symlink(fresh, at("vol/..data_tmp"));
    EXPECT_TRUE(changed().empty());
    fs::rename(at("vol/..data_tmp"), at("vol/..data"));
    expect_change_of("vol/tls.crt", "data folder swapped");
    fs::remove_all(at("vol/..2026_" + std::to_string(turn - 1)));
    EXPECT_TRUE(changed().empty()) << "the old folder is nobody's any more";
  }
}

TEST_F(FileWatchTest, FolderOnTheWayIsMovedAway) {
  fs::create_directories(at("one"));
  fs::create_directories(at("two"));
  put("one/cert", "1");
  put("two/cert", "2");
  observe({"one/cert"});
  fs::rename(at("one"), at("old"));
  fs::rename(at("two"), at("one"));
  expect_change_of("one/cert", "folder replaced");
  put("one/cert", "3");
  expect_change_of("one/cert", "in the new folder");
}

TEST_F(FileWatchTest, FolderItself) {
  fs::create_directories(at("site"));
  observe({"site"});
  put("site/index.html", "1");
  expect_change_of("site", "entry made");
  put("site/index.html", "2");
  expect_change_of("site", "entry written");
}

TEST_F(FileWatchTest, LinksInACircleEnd) {
  fs::create_symlink("b", at("a"));
  fs::create_symlink("a", at("b"));
  observe({"a"});
  fs::remove(at("b"));
  put("b", "1");
  EXPECT_EQ(changed(), std::vector<std::string>{at("a")});
}

TEST_F(FileWatchTest, OutlivesTheRightToLook) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  fs::permissions(folder_, fs::perms(0700));
  fs::create_directories(at("archive"));
  put("archive/1", "1");
  fs::create_symlink("archive/1", at("live"));
  observe({"live"});
  int turn[2], seen[2];
  ASSERT_EQ(::pipe(turn) | ::pipe(seen), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(turn[1]);
    if (::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
    for (char word; ::read(turn[0], &word, 1) == 1;) {
      word = changed() == std::vector<std::string>{at("live")} ? 'y' : 'n';
      static_cast<void>(::write(seen[1], &word, 1));
    }
    ::_exit(0);
  }
  for (int i = 2; i < 5; ++i) {
    put("archive/" + std::to_string(i), "x");
    fs::create_symlink("archive/" + std::to_string(i), at("next"));
    fs::rename(at("next"), at("live"));
    char word = 't';
    ASSERT_EQ(::write(turn[1], &word, 1), 1);
    ASSERT_EQ(::read(seen[0], &word, 1), 1);
    EXPECT_EQ(word, 'y') << "swap " << i;
  }
  for (const int fd : {turn[1], turn[0], seen[0], seen[1]}) ::close(fd);
  ::waitpid(pid, nullptr, 0);
}

TEST_F(FileWatchTest, ForgetsWhatIsNoLongerAskedFor) {
  put("a", "1");
  put("b", "1");
  observe({"a", "b"});
  observe({"b"});
  put("a", "2");
  EXPECT_TRUE(changed().empty());
}

}  // namespace
}  // namespace sally
