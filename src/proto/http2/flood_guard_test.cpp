#include "proto/http2/flood_guard.h"

#include <gtest/gtest.h>

#include "proto/http2/test_client.h"

namespace sally::http2 {
namespace {

using namespace std::chrono_literals;

TEST(FloodGuard, SpendsItsBurstAndFillsUpWithTime) {
  http::Http2Limits limits;
  limits.pings = {3, 2};
  TimePoint now{};
  FloodGuard g(limits, now);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(g.spend(FloodGuard::pings, now));
  EXPECT_FALSE(g.spend(FloodGuard::pings, now));
  now += 1s;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(g.spend(FloodGuard::pings, now));
  EXPECT_FALSE(g.spend(FloodGuard::pings, now));
  now += 1h;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(g.spend(FloodGuard::pings, now));
  EXPECT_FALSE(g.spend(FloodGuard::pings, now)) << "no more than the burst is saved up";
  g.earn(FloodGuard::pings, 1);
  EXPECT_TRUE(g.spend(FloodGuard::pings, now));
}

TEST(FloodGuard, FillsUpByLessThanATokenAtATime) {
  http::Http2Limits limits;
  limits.pings = {1, 1};
  TimePoint now{};
  FloodGuard g(limits, now);
  EXPECT_TRUE(g.spend(FloodGuard::pings, now));
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += g.spend(FloodGuard::pings, now += 100ms);
  EXPECT_GE(taken, 9);
  EXPECT_LE(taken, 10);
}

struct Flood {
  std::string_view failure;
  std::string one;  ///< a frame of stream 1 or of the connection
  int more_than;
};
const Flood kFloods[] = {
    {"http2.too_many_settings", frame(NGHTTP2_SETTINGS, 0, 0, {}), 15},
    {"http2.too_many_pings", frame(NGHTTP2_PING, 0, 0, "12345678"), 100},
    {"http2.too_many_priority_updates", frame(NGHTTP2_PRIORITY, 0, 1, std::string(4, '\0') + "\x10"), 500},
    {"http2.too_many_priority_updates", frame(NGHTTP2_PRIORITY_UPDATE, 0, 0, octets_of(1, 4) + "u=1"), 500},
    {"http2.too_many_empty_frames", frame(NGHTTP2_DATA, 0, 1, {}), 100},
    {"http2.too_many_empty_frames", frame(NGHTTP2_DATA, 8, 1, std::string("\3\0\0\0", 4)), 100},
    {"http2.too_many_window_updates", frame(NGHTTP2_WINDOW_UPDATE, 0, 0, octets_of(1, 4)), 2000},
};

class Floods : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Http2, Floods, testing::Range<std::size_t>(0, std::size(kFloods)));

TEST_P(Floods, EndTheConnectionAtTheLimitAndNotBefore) {
  const Flood& f = kFloods[GetParam()];
  TestConnection c(wait);
  c.hello();
  c.request(1, post(), false);
  for (int i = 0; i < f.more_than; ++i) c.feed(f.one);
  EXPECT_EQ(c.error, "") << f.failure;
  EXPECT_TRUE(c.got.goaways.empty()) << f.failure;
  EXPECT_EQ(c.pool().open(), 1u);
  c.feed(f.one);
  EXPECT_EQ(c.error, f.failure);
  ASSERT_EQ(c.got.goaways.size(), 1u) << f.failure;
  EXPECT_EQ(c.got.goaways[0].second, NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_TRUE(c.codec().finished());
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, f.failure) << "the open request ends with it";
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Floods, InOneReadAreStoppedInTheMiddle) {
  TestConnection c(wait);
  c.hello();
  std::string all;
  for (int i = 0; i < 10'000; ++i) all += frame(NGHTTP2_PING, 0, 0, "12345678");
  c.feed(all);
  EXPECT_EQ(c.error, "http2.too_many_pings");
  EXPECT_LE(c.got.ping_replies, 100u);
}

TEST(RapidReset, ByTheClient) {  // CVE-2023-44487
  std::size_t handled = 0;
  TestConnection c([&](http::Exchange&) { ++handled; });
  c.hello();
  std::string all;
  for (std::uint32_t id = 1; id < 2000; id += 2)
    all += c.packer().headers(id, get()) + frame(NGHTTP2_RST_STREAM, 0, id, octets_of(NGHTTP2_CANCEL, 4));
  c.feed(all);
  EXPECT_EQ(c.error, "http2.too_many_resets");
  EXPECT_EQ(handled, 201u);
  ASSERT_EQ(c.log.size(), 201u);
  EXPECT_EQ(c.log[0].failure, "http2.reset_by_client");
  ASSERT_EQ(c.got.goaways.size(), 1u);
  EXPECT_EQ(c.got.goaways[0].second, NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST(RapidReset, ByMakingUsReset) {  // CVE-2025-8671
  std::size_t handled = 0;
  TestConnection c([&](http::Exchange&) { ++handled; });
  c.hello();
  for (std::uint32_t id = 1; id < 2000 && c.got.goaways.empty(); id += 2)
    c.feed(c.packer().headers(id, get()) + frame(NGHTTP2_WINDOW_UPDATE, 0, id, octets_of(0x7fffffff, 4)));
  EXPECT_EQ(handled, 201u);
  ASSERT_EQ(c.got.goaways.size(), 1u);
  EXPECT_EQ(c.got.goaways[0].second, NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_TRUE(c.codec().finished());
}

TEST(RapidReset, HonestCancellingIsLetThrough) {
  TestConnection c(wait);
  c.hello();
  std::uint32_t id = 1;
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 20; ++i, id += 2) {
      c.request(id, get());
      c.feed(frame(NGHTTP2_RST_STREAM, 0, id, octets_of(NGHTTP2_CANCEL, 4)));
    }
    c.stamp().now += 1s;
  }
  EXPECT_EQ(c.error, "");
  EXPECT_EQ(c.log.size(), 2000u);
}

TEST(Continuations, AreBounded) {  // CVE-2024-28182
  TestConnection c(hello);
  c.hello();
  const std::string block = c.packer().pack(get());
  std::string all = frame(NGHTTP2_HEADERS, 0x1, 1, block.substr(0, 1));
  for (std::size_t i = 1; i < block.size() && i < 8; ++i)
    all += frame(NGHTTP2_CONTINUATION, 0, 1, block.substr(i, 1));
  c.feed(all);
  EXPECT_EQ(c.codec().waiting(), CodecWait::head);
  c.feed(frame(NGHTTP2_CONTINUATION, 4, 1, block.substr(8)));
  EXPECT_EQ(c.got.streams[1].body, "hello /");

  TestConnection flood(hello);
  flood.hello();
  flood.feed(frame(NGHTTP2_HEADERS, 0x1, 1, flood.packer().pack(get())));
  for (int i = 0; i < 20; ++i) flood.feed(frame(NGHTTP2_CONTINUATION, 0, 1, std::string("\0\1a\1b", 5)));
  EXPECT_EQ(flood.error, "http2.too_many_continuations");
  ASSERT_EQ(flood.got.goaways.size(), 1u);
  EXPECT_EQ(flood.got.goaways[0].second, NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST(WindowUpdates, AreEarnedByContent) {
  TestConnection c([](http::Exchange& x) { x.respond_text(200, "text/plain", std::string(50'000, 'a')); });
  c.hello();
  for (std::uint32_t id = 1; id < 6000; id += 2) {
    c.request(id, get());
    c.feed(frame(NGHTTP2_WINDOW_UPDATE, 0, 0, octets_of(50'000, 4)));
  }
  EXPECT_EQ(c.error, "");
  EXPECT_EQ(c.log.size(), 3000u);
}

TEST(ControlQueue, OfAClientThatReadsNothingIsBounded) {
  http::HttpLimits limits;
  limits.h2.pings = {1'000'000, 1};
  TestConnection c(wait, limits);
  c.hello();
  c.producing = false;
  std::string all;
  for (int i = 0; i < 3000; ++i) all += frame(NGHTTP2_PING, 0, 0, "12345678");
  c.feed(all);
  EXPECT_EQ(c.error, "http2.control_queue_full");
}

TEST(Streams, AreBounded) {
  TestConnection c(wait);
  c.hello();
  for (std::uint32_t id = 1; id < 2 * 128; id += 2) c.request(id, get());
  EXPECT_EQ(c.pool().open(), 128u);
  EXPECT_TRUE(c.got.goaways.empty());
  c.request(2 * 128 + 1, get());
  EXPECT_LE(c.pool().open(), 128u);
  EXPECT_TRUE(!c.got.goaways.empty() || c.got.streams[2 * 128 + 1].reset.has_value());
}

}  // namespace
}  // namespace sally::http2
