#include "handler/root_folder.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <thread>

#include "handler/test_site.h"

namespace sally::handler {
namespace {

using std::filesystem::create_symlink;

/// A root with links of every kind, and a secret beside it.
class RootFolderTest : public testing::Test {
 protected:
  RootFolderTest() {
    outer.write("secret.txt", "secret");
    outer.write("www/real.txt", "real");
    outer.write("www/folder/inner.txt", "inner");
    create_symlink("real.txt", outer / "www/inside");
    create_symlink("folder", outer / "www/inside-folder");
    create_symlink("../secret.txt", outer / "www/up");
    create_symlink(outer / "secret.txt", outer / "www/absolute-out");
    create_symlink(outer / "www/real.txt", outer / "www/absolute-in");
    create_symlink("..", outer / "www/parent");
    create_symlink("loop", outer / "www/loop");
    create_symlink("/proc/self/root", outer / "www/magic");
  }
  std::string look(Symlinks links, const std::string& path) {
    const auto root = RootFolder::open(outer / "www", links).value();
    for (const Patience patience : {Patience::none, Patience::some}) {
      auto opened = root->open(path, patience);
      if (!opened) return opened.error().kind().id.data();
      if (opened->kind == Opened::Kind::must_wait) continue;
      if (opened->kind == Opened::Kind::forbidden) return "forbidden";
      if (opened->kind == Opened::Kind::folder) return "folder";
      if (!opened->is_file()) return "missing";
      char text[16];
      const ssize_t n = ::read(opened->fd.get(), text, sizeof text);
      return std::string(text, static_cast<std::size_t>(n)) + (opened->plain_way ? "" : " by a link");
    }
    return "waits";
  }
  TestFolder outer;
};

TEST_F(RootFolderTest, NoLinksAtAll) {
  EXPECT_EQ(look(Symlinks::none, "real.txt"), "real");
  EXPECT_EQ(look(Symlinks::none, "folder"), "folder");
  EXPECT_EQ(look(Symlinks::none, ""), "folder");
  for (const char* path :
       {"inside", "inside-folder", "inside-folder/inner.txt", "up", "absolute-out", "absolute-in",
        "parent/secret.txt", "loop", "magic/etc/passwd", "../secret.txt", "folder/../../secret.txt"})
    EXPECT_EQ(look(Symlinks::none, path), "missing") << path;
}

TEST_F(RootFolderTest, LinksThatStayInside) {
  EXPECT_EQ(look(Symlinks::inside, "inside"), "real by a link");
  EXPECT_EQ(look(Symlinks::inside, "inside-folder/inner.txt"), "inner by a link");
  EXPECT_EQ(look(Symlinks::inside, "absolute-in"), "real by a link");
  EXPECT_EQ(look(Symlinks::inside, "parent/www/real.txt"), "real by a link");  // out and in again
  for (const char* path :
       {"up", "absolute-out", "parent/secret.txt", "loop", "magic/etc/passwd", "../secret.txt"})
    EXPECT_EQ(look(Symlinks::inside, path), "missing") << path;
}

TEST_F(RootFolderTest, LinksThatLeadAnywhere) {
  EXPECT_EQ(look(Symlinks::all, "up"), "secret by a link");
  EXPECT_EQ(look(Symlinks::all, "absolute-out"), "secret by a link");
  EXPECT_EQ(look(Symlinks::all, "loop"), "missing");
}

TEST_F(RootFolderTest, OnlyFilesAndFolders) {
  ASSERT_EQ(::mkfifo((outer / "www/fifo").c_str(), 0644), 0);
  const int s = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const std::string name = outer / "www/sock";
  ASSERT_LT(name.size(), sizeof at.sun_path);
  name.copy(at.sun_path, name.size());
  ASSERT_EQ(::bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  EXPECT_EQ(look(Symlinks::inside, "fifo"), "missing");
  EXPECT_EQ(look(Symlinks::inside, "sock"), "missing");
  create_symlink("/dev/null", outer / "www/null");
  EXPECT_EQ(look(Symlinks::all, "null"), "missing");
  ::close(s);
}

TEST_F(RootFolderTest, NamesThatNoFileSystemHas) {
  EXPECT_EQ(look(Symlinks::inside, std::string(300, 'n')), "missing");
  EXPECT_EQ(look(Symlinks::inside, "real.txt/x"), "missing");
}

TEST_F(RootFolderTest, ASecondNameOfAFileIsNoPlainWay) {
  std::filesystem::create_hard_link(outer / "www/real.txt", outer / "elsewhere.txt");
  EXPECT_EQ(look(Symlinks::inside, "real.txt"), "real by a link");
}

TEST_F(RootFolderTest, KnowsWhenItsPathLeadsElsewhere) {
  const auto root = RootFolder::open(outer / "www", Symlinks::inside).value();
  EXPECT_TRUE(root->is_current());
  std::filesystem::rename(outer / "www", outer / "old");
  EXPECT_FALSE(root->is_current());
  outer.write("www/real.txt", "other");
  EXPECT_FALSE(root->is_current());
}

/// A folder of the way is swapped for a link that leads outside, as fast as it goes.
TEST_F(RootFolderTest, NoRaceLeadsOutside) {
  std::filesystem::create_directories(outer / "outside");
  outer.write("outside/f", "secret");
  outer.write("www/a/f", "real");
  create_symlink(outer / "outside", outer / "www/b");
  const auto root = RootFolder::open(outer / "www", Symlinks::inside).value();
  std::atomic<bool> stop = false;
  std::jthread swapper([&] {
    while (!stop) ::renameat2(root->fd(), "a", root->fd(), "b", RENAME_EXCHANGE);
  });
  int real = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto opened = root->open("a/f", Patience::some);
    if (!opened || !opened->is_file()) continue;
    char text[16];
    const ssize_t n = ::read(opened->fd.get(), text, sizeof text);
    EXPECT_EQ(std::string(text, static_cast<std::size_t>(n)), "real");
    ++real;
  }
  stop = true;
  EXPECT_GT(real, 0);
}

}  // namespace
}  // namespace sally::handler
