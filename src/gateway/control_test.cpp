#include "gateway/control.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class ControlTest : public testing::Test {
 protected:
  ControlTest() {
    // Longer than an address of a unix socket may be.
    folder_ =
        fs::temp_directory_path() / ("control_test." + std::to_string(::getpid())) / std::string(150, 'x');
    path_ = control_path(folder_, "/etc/some.toml");
    loop_ = *Loop::make();
  }
  ~ControlTest() override { fs::remove_all(folder_.parent_path()); }

  Result<std::unique_ptr<Control>> make(bool replace = false) {
    return Control::make(*loop_, path_, nullptr, replace, [](std::string_view word, Reply reply) {
      reply({word == "please", "you said " + std::string(word)});
    });
  }
  Result<Verdict> ask(std::string_view word) {
    std::optional<Result<Verdict>> out;
    std::atomic<bool> done = false;
    std::jthread caller([&] {
      out = give_order(path_, word);
      done = true;
    });
    while (!done) loop_->turn(10ms);
    return *std::move(out);
  }

  fs::path folder_, path_;
  std::unique_ptr<Loop> loop_;
};

TEST_F(ControlTest, AnswersWhoAsks) {
  const auto control = make();
  ASSERT_TRUE(control) << control.error().text();
  const auto good = ask("please");
  ASSERT_TRUE(good) << good.error().text();
  EXPECT_TRUE(good->good);
  EXPECT_EQ(good->text, "you said please");
  const auto bad = ask("now");
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->good);
}

TEST_F(ControlTest, IsForItsAccountOnly) {
  const auto control = make();
  ASSERT_TRUE(control);
  struct stat is {};
  ASSERT_EQ(::stat(path_.parent_path().c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777, 0700u);
  ASSERT_EQ(::stat(path_.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777, 0600u);
}

TEST_F(ControlTest, LeavesAnotherOneAloneUnlessItReplacesIt) {
  auto first = make();
  ASSERT_TRUE(first);
  EXPECT_FALSE(make());
  auto second = make(true);
  ASSERT_TRUE(second);
  first->reset();
  EXPECT_TRUE(fs::exists(path_)) << "the first is not to remove what the second has made";
  second->reset();
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(ControlTest, ASocketThatNobodyListensOnIsTakenOver) {
  fs::create_directories(path_.parent_path());
  fs::permissions(path_.parent_path(), fs::perms::owner_all);
  { std::ofstream(path_) << "left behind"; }
  EXPECT_TRUE(make());
}

TEST_F(ControlTest, AnEndlessOrderIsNotRead) {
  const auto control = make();
  ASSERT_TRUE(control);
  const auto verdict = ask(std::string(1000, 'a'));
  EXPECT_FALSE(verdict);
}

TEST_F(ControlTest, NobodyThereIsSaid) {
  const auto verdict = give_order(path_, "please");
  ASSERT_FALSE(verdict);
  EXPECT_TRUE(verdict.error().is(kNotRunning));
}

TEST(ControlPath, DiffersByWhatIsServed) {
  EXPECT_EQ(control_path("/s", "/a/b.toml"), control_path("/s", "/a/x/../b.toml"));
  EXPECT_EQ(control_path("/s", "/a/site/"), control_path("/s", "/a/site"));
  EXPECT_NE(control_path("/s", "/a/b.toml"), control_path("/s", "/a/c.toml"));
}

}  // namespace
}  // namespace sally::gateway
