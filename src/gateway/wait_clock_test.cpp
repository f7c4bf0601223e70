#include "gateway/wait_clock.h"

#include <gtest/gtest.h>

namespace sally::gateway {
namespace {

using namespace std::chrono_literals;

struct Client {
  WaitClock clock;
  http::HttpLimits limits;
  TimePoint now = TimePoint{} + 1h;
  std::uint64_t received = 0, sent = 0;

  void enter(CodecWait wait) { clock.enter(wait, received, sent, now); }
  /// The id of what fired after `wait`, or "".
  std::string_view after(Duration wait) {
    now += wait;
    const ErrorKind* const kind = clock.fired(limits, now);
    return kind ? kind->id : "";
  }
};

TEST(WaitClock, AHeadMustEndInTimeHoweverItDrips) {
  Client c;
  c.enter(CodecWait::head);
  for (int i = 0; i < 29; ++i) {
    EXPECT_EQ(c.after(1s), "");
    c.received += 1;
    c.enter(CodecWait::head);
  }
  EXPECT_EQ(c.after(1s), "timeout.header_timeout");
}

TEST(WaitClock, ABodyMayTakeAsLongAsItKeepsItsRate) {
  Client c;
  c.enter(CodecWait::body);
  for (int i = 0; i < 3600; ++i) {
    c.received += 1000;
    EXPECT_EQ(c.after(1s), "");
    c.enter(CodecWait::body);
  }
  EXPECT_EQ(c.after(30s), "timeout.body_idle_timeout");
}

TEST(WaitClock, AByteASecondIsTooSlowForABody) {
  Client c;
  c.enter(CodecWait::body);
  std::string_view fired;
  int seconds = 0;
  for (; fired.empty() && seconds < 100; ++seconds) {
    c.received += 1;
    fired = c.after(1s);
    c.enter(CodecWait::body);
  }
  EXPECT_EQ(fired, "timeout.body_minimum_rate");
  EXPECT_EQ(seconds, 10);
}

TEST(WaitClock, AClientThatReadsNothingOrTooSlowlyIsLeft) {
  Client idle;
  idle.enter(CodecWait::send);
  idle.limits.send_minimum_rate = 0;
  EXPECT_EQ(idle.after(29s), "");
  EXPECT_EQ(idle.after(1s), "timeout.send_idle_timeout");

  Client slow;
  slow.enter(CodecWait::send);
  std::string_view fired;
  for (int i = 0; i < 10 && fired.empty(); ++i) {
    slow.sent += 100;
    fired = slow.after(1s);
    slow.enter(CodecWait::send);
  }
  EXPECT_EQ(fired, "timeout.send_minimum_rate");
}

TEST(WaitClock, KeepAliveRunsFromTheLastAnswer) {
  Client c;
  c.enter(CodecWait::idle);
  EXPECT_EQ(c.after(70s), "");
  c.received += 100;  // a request came and was answered within one turn
  c.sent += 1000;
  c.enter(CodecWait::idle);
  EXPECT_EQ(c.after(74s), "");
  EXPECT_EQ(c.after(1s), "timeout.keep_alive_timeout");
}

TEST(WaitClock, NoTimerRunsWhileTheHandlerWorks) {
  Client c;
  c.enter(CodecWait::response);
  EXPECT_EQ(c.clock.deadline(c.limits), kNever);
  EXPECT_EQ(c.after(1h * 24), "");
}

TEST(WaitClock, ATunnelEndsWhenBothSidesAreSilent) {
  Client c;
  c.enter(CodecWait::tunnel);
  EXPECT_EQ(c.after(59min), "");
  c.sent += 1;
  c.enter(CodecWait::tunnel);
  EXPECT_EQ(c.after(59min), "");
  c.received += 1;
  c.enter(CodecWait::tunnel);
  EXPECT_EQ(c.after(59min), "");
  EXPECT_EQ(c.after(1min), "timeout.tunnel_idle_timeout");
}

}  // namespace
}  // namespace sally::gateway
