#include "http/body_pipe.h"

#include <gtest/gtest.h>

#include "loop/task.h"

namespace sally::http {
namespace {

constexpr ErrorKind kGone{"test.gone", Blame::peer, Retry::never, "gone", "come back", "", -1, 400};

struct Codec final : BodyPipe::Writer {
  void taken(BodyPipe&, std::size_t n) override { all_taken += n; }
  void wanted(BodyPipe&) override { ++asked; }
  std::size_t all_taken = 0;
  int asked = 0;
};

struct Read {
  std::string text, error;
  bool ended = false;
};

Task<Result<Unit>> read_all(BodyPipe& pipe, Read& read) {
  for (;;) {
    const auto more = co_await pipe.more();
    if (!more) {
      read.error = more.error().kind().id;
      co_return Unit{};
    }
    if (more->empty()) break;
    read.text += as_text(*more);
    pipe.consume(more->size());
  }
  read.ended = true;
  co_return Unit{};
}

class BodyPipeTest : public ::testing::Test {
 protected:
  void start() {
    pipe.open(codec);
    reader = Running<Result<Unit>>(read_all(pipe, read));
    reader.start();
  }
  void push(std::string_view text) { ASSERT_TRUE(pipe.push(as_bytes(text))); }

  BodyPipe pipe{8};
  Codec codec;
  Read read;
  Running<Result<Unit>> reader;
};

TEST_F(BodyPipeTest, GivesWhatIsPushedAndTellsWhatWasTaken) {
  start();
  EXPECT_EQ(codec.asked, 1);
  EXPECT_TRUE(pipe.awaited());
  push("abc");
  push("de");
  EXPECT_EQ(read.text, "abcde");
  EXPECT_EQ(codec.all_taken, 5u);
  EXPECT_FALSE(read.ended);
  pipe.finish();
  EXPECT_TRUE(read.ended);
  EXPECT_EQ(pipe.received_bytes(), 5u);
}

TEST_F(BodyPipeTest, HoldsNoMoreThanItsLimit) {
  pipe.open(codec);
  push("abcdefgh");
  EXPECT_EQ(pipe.room(), 0u);
  EXPECT_FALSE(pipe.push(as_bytes("i")));
  pipe.consume(3);
  EXPECT_EQ(pipe.room(), 3u);
  EXPECT_EQ(codec.all_taken, 3u);
}

TEST_F(BodyPipeTest, GivesWhatCameBeforeABreakAndThenTheErrorEachTime) {
  pipe.open(codec);
  push("abc");
  pipe.break_with(Error(kGone, {}, "", std::source_location::current()));
  start();
  EXPECT_EQ(read.text, "abc");
  EXPECT_EQ(read.error, "test.gone");
  Read again;
  Running<Result<Unit>> second(read_all(pipe, again));
  second.start();
  EXPECT_EQ(again.error, "test.gone");
}

TEST_F(BodyPipeTest, WakesAReaderByABreak) {
  start();
  pipe.break_with(Error(kGone, {}, "", std::source_location::current()));
  EXPECT_EQ(read.error, "test.gone");
  push("late");  // thrown away, and reported so that a window opens again
  EXPECT_EQ(codec.all_taken, 4u);
  EXPECT_EQ(read.text, "");
}

TEST_F(BodyPipeTest, DiscardsWhatIsThereAndWhatComes) {
  pipe.open(codec);
  push("abc");
  pipe.discard();
  EXPECT_EQ(codec.all_taken, 3u);
  push("defg");
  EXPECT_EQ(codec.all_taken, 7u);
  EXPECT_EQ(pipe.room(), 8u);
  pipe.finish();
  start();
  EXPECT_TRUE(read.ended);
  EXPECT_EQ(read.text, "");
}

TEST_F(BodyPipeTest, BreaksPastTheTotalLimit) {
  pipe.limit_total(5);
  start();
  push("abcde");
  EXPECT_EQ(read.error, "");
  push("f");
  EXPECT_EQ(read.error, "http.body_too_large");
  EXPECT_EQ(read.text, "abcde");
}

TEST_F(BodyPipeTest, ACancelledReaderIsForgotten) {
  start();
  reader.reset();
  EXPECT_FALSE(pipe.awaited());
  push("abc");
  EXPECT_EQ(read.text, "");
}

TEST_F(BodyPipeTest, RecyclesToNew) {
  pipe.limit_total(2);
  start();
  push("abc");
  reader.reset();
  pipe.recycle();
  read = {};
  start();
  push("abc");
  pipe.finish();
  EXPECT_EQ(read.text, "abc");
  EXPECT_TRUE(read.ended);
  EXPECT_EQ(pipe.received_bytes(), 3u);
}

}  // namespace
}  // namespace sally::http
