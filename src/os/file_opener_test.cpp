#include "os/file_opener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "os/file.h"

namespace sally {
namespace {

namespace fs = std::filesystem;

class FileOpenerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    std::string pattern = testing::TempDir() + "opener-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);  // 0700: nobody cannot even look inside
    folder_ = pattern;
    nobody_ = *find_account("nobody");
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file(at(name), as_bytes(text), 0600));
  }
  /// Runs `body` in a child that has become nobody; its value is the exit code.
  template <typename Body>
  int as_nobody(const std::vector<std::string>& paths, Body body) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      auto opener = FileOpener::start(paths, nobody_);
      if (!opener) ::_exit(100);
      if (!become(nobody_, false)) ::_exit(101);
      const int result = body(*opener);
      { const FileOpener ended = std::move(*opener); }  // waits for the other process
      ::_exit(result);
    }
    int status = -1;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  fs::path folder_;
  Account nobody_;
};

TEST_F(FileOpenerTest, ReadsWhatTheUserCannot) {
  put("key", "secret one");
  EXPECT_EQ(as_nobody({at("key")},
                      [&](const FileOpener& opener) {
                        if (read_file(at("key"), 100)) return 1;
                        const auto fd = opener.open(at("key"));
                        if (!fd) return 2;
                        const auto text = read_open_file(*fd, at("key"), 100);
                        if (!text || text->text != "secret one") return 3;
                        return open_file_stamp(*fd, at("key")) == text->stamp ? 0 : 4;
                      }),
            0);
}

TEST_F(FileOpenerTest, OpensThePathAnewEachTime) {  // a renewed file is another file
  put("key", "one");
  EXPECT_EQ(as_nobody({at("none"), at("key")},
                      [&](const FileOpener& opener) {
                        for (int i = 0; i < 3; ++i)
                          if (!opener.open(at("key"))) return 1;
                        const auto missing = opener.open(at("none"));
                        return !missing && missing.error().is(kNotFound) ? 0 : 2;
                      }),
            0);
}

TEST_F(FileOpenerTest, NothingElseCanBeHad) {
  put("key", "one");
  put("other", "two");
  EXPECT_EQ(as_nobody({at("key")},
                      [&](const FileOpener& opener) {
                        const auto other = opener.open(at("other"));
                        if (other || !other.error().is(kNoPermission)) return 1;
                        const auto fd = opener.open(at("key"));
                        if (!fd) return 2;
                        return ::write(fd->get(), "x", 1) < 0 ? 0 : 3;  // for reading only
                      }),
            0);
  EXPECT_EQ(read_file(at("key"), 100)->text, "one");
}

TEST_F(FileOpenerTest, EndsWithItsMaster) {
  put("key", "one");
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);  // an orphan becomes ours, so we see its end
  const pid_t master = ::fork();
  if (master == 0) {
    auto opener = FileOpener::start({at("key")}, nobody_);
    ::_exit(opener ? 0 : 1);  // without a destructor, as a crash would
  }
  int status = -1;
  ASSERT_EQ(::waitpid(master, &status, 0), master);
  EXPECT_EQ(status, 0);
  EXPECT_GT(::waitpid(-1, &status, 0), 0);
  EXPECT_TRUE(WIFEXITED(status) || WIFSIGNALED(status));
  ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

TEST_F(FileOpenerTest, WithoutTheRightItIsToldAtTheStart) {
  EXPECT_EQ(as_nobody({},
                      [&](const FileOpener&) {
                        const auto second = FileOpener::start({"/etc/shadow"}, nobody_);
                        return !second && second.error().is(kNoPermission) ? 0 : 1;
                      }),
            0);
}

}  // namespace
}  // namespace sally
