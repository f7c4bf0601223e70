#include "os/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace sally {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "file-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  fs::path folder_;
};

mode_t mode_of(const std::string& path) {
  struct stat s {};
  EXPECT_EQ(::stat(path.c_str(), &s), 0) << path;
  return s.st_mode & 07777;
}

TEST_F(FileTest, WritesAndReadsBack) {
  const std::string text(100'000, 'x');
  ASSERT_TRUE(write_file(at("a"), as_bytes(text), 0600));
  const auto back = read_file(at("a"), text.size());
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->text, text);
  EXPECT_EQ(back->stamp, *file_stamp(at("a")));
  ASSERT_TRUE(write_file(at("a"), as_bytes("short"), 0644));
  EXPECT_EQ(read_file(at("a"), 100)->text, "short");
  EXPECT_NE(back->stamp, *file_stamp(at("a")));
  EXPECT_EQ(entries(), 1u) << "nothing is left over";
}

TEST_F(FileTest, ModeIsExactWhateverTheUmask) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(write_file(at("secret"), as_bytes("k"), 0600));
  ::umask(077);
  ASSERT_TRUE(write_file(at("public"), as_bytes("k"), 0644));
  ::umask(before);
  EXPECT_EQ(mode_of(at("secret")), 0600u);
  EXPECT_EQ(mode_of(at("public")), 0644u);
}

TEST_F(FileTest, ReadLimit) {
  ASSERT_TRUE(write_file(at("a"), as_bytes("12345"), 0600));
  EXPECT_TRUE(read_file(at("a"), 5));
  const auto over = read_file(at("a"), 4);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().kind().id, "os.file_too_large");
  const auto endless = read_file("/dev/zero", 1000);  // says size 0
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().kind().id, "os.file_too_large");
}

TEST_F(FileTest, ErrorsNameThePathAndTheCause) {
  ASSERT_TRUE(write_file(at("plain"), as_bytes("x"), 0600));
  fs::create_symlink("circle", at("circle"));
  struct Case {
    std::string path;
    std::string_view id;
  };
  const Case cases[] = {{at("none"), "os.not_found"},
                        {at("no/folder"), "os.not_found"},
                        {folder_.string(), "os.is_a_folder"},
                        {at("plain/below"), "os.not_a_folder"},
                        {at("circle"), "os.link_loop"}};
  for (const Case& c : cases) {
    const auto read = read_file(c.path, 100);
    ASSERT_FALSE(read) << c.path;
    EXPECT_EQ(read.error().kind().id, c.id) << c.path;
    EXPECT_NE(read.error().text().find(c.path), std::string::npos);
  }
  EXPECT_EQ(write_file(at("no/folder"), as_bytes("x"), 0600).error().kind().id, "os.not_found");
}

TEST_F(FileTest, FullDiskLeavesTheOldFile) {  // a file size limit is a full disk that needs no disk
  ASSERT_TRUE(write_file(at("a"), as_bytes("old"), 0600));
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto written = write_file(at("a"), as_bytes(std::string(5000, 'n')), 0600);
    ::_exit(!written && written.error().kind().id == "os.file_too_large" ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(at("a"), 100)->text, "old");
  EXPECT_EQ(entries(), 1u);
  const auto full = write_file("/dev/full/x", as_bytes("x"), 0600);
  EXPECT_EQ(full.error().kind().id, "os.not_a_folder");
}

TEST_F(FileTest, NoDescriptorLeftIsSaid) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto read = read_file("/etc/passwd", 1 << 20);
    ::_exit(!read && read.error().kind().id == "os.too_many_files" ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(FileTest, LinkIsReplacedNotFollowed) {
  ASSERT_TRUE(write_file(at("target"), as_bytes("keep"), 0600));
  fs::create_symlink("target", at("link"));
  ASSERT_TRUE(write_file(at("link"), as_bytes("new"), 0600));
  EXPECT_EQ(read_file(at("target"), 100)->text, "keep");
  EXPECT_FALSE(fs::is_symlink(at("link")));
}

TEST_F(FileTest, FoldersAndRemoval) {
  ASSERT_TRUE(make_folders(at("x/y/z"), 0700));
  EXPECT_EQ(mode_of(at("x/y/z")), 0700u);
  EXPECT_TRUE(make_folders(at("x/y/z"), 0700));
  ASSERT_TRUE(write_file(at("f"), as_bytes("x"), 0600));
  EXPECT_EQ(make_folders(at("f/g"), 0700).error().kind().id, "os.not_a_folder");
  EXPECT_EQ(*remove_file(at("f")), true);
  EXPECT_EQ(*remove_file(at("f")), false);
}

}  // namespace
}  // namespace sally
