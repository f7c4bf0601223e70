#include "proto/http2/server_codec.h"

#include <gtest/gtest.h>

#include "proto/http2/test_client.h"

namespace sally::http2 {
namespace {

TEST(Http2Codec, AnswersARequestHoweverItsBytesAreCut) {
  for (const std::size_t cut : {1, 2, 3, 7, 9, 24, 33, 1000}) {
    TestConnection c(hello);
    c.feed(std::string(kPreface) + frame(NGHTTP2_SETTINGS, 0, 0, {}) + c.packer().headers(1, get("/a?b")),
           cut);
    const Got& got = c.got.streams[1];
    EXPECT_EQ(got.body, "hello /a") << cut;
    EXPECT_TRUE(got.ended);
    EXPECT_EQ(got.field(":status"), "200");
    EXPECT_EQ(got.field("content-length"), "8");
    EXPECT_EQ(got.field("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(got.field("server"), "sallyport");
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_EQ(c.log[0].failure, "");
    EXPECT_EQ(c.log[0].host, "example.com");
    EXPECT_EQ(c.log[0].sent_body_bytes, 8u);
    EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
    EXPECT_EQ(c.pool().open(), 0u);
    EXPECT_FALSE(c.overrun);
  }
}

TEST(Http2Codec, AnnouncesItsLimits) {
  TestConnection c(hello);
  c.hello();
  EXPECT_EQ(c.got.types.at(0), NGHTTP2_SETTINGS);
  EXPECT_EQ(c.got.settings[NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES], 1u);
  EXPECT_EQ(c.got.settings[NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS], 128u);
  EXPECT_EQ(c.got.settings[NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE], 16384u);
  EXPECT_EQ(c.got.settings[NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE], 65536u) << "no more than a body pipe holds";
  ASSERT_EQ(c.got.window_updates.size(), 1u);
  EXPECT_EQ(c.got.window_updates[0], std::pair(0u, 1024u * 1024 - 65535));
  EXPECT_EQ(c.got.settings_replies, 1u);
}

TEST(Http2Codec, AnswersManyAtOnce) {
  TestConnection c(hello);
  c.hello();
  std::string all;
  for (std::uint32_t id = 1; id < 200; id += 2) all += c.packer().headers(id, get("/" + std::to_string(id)));
  c.feed(all);
  for (std::uint32_t id = 1; id < 200; id += 2)
    EXPECT_EQ(c.got.streams[id].body, "hello /" + std::to_string(id));
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http2Codec, EchoesABodyAndItsTrailers) {
  TestConnection c(echo);
  c.hello();
  c.request(1, post({{"content-length", "6"}}), false);
  EXPECT_EQ(c.codec().waiting(), CodecWait::body);
  c.feed(frame(NGHTTP2_DATA, 0, 1, "abc"));
  c.feed(frame(NGHTTP2_DATA, 0, 1, "def"));
  c.feed(frame(NGHTTP2_HEADERS, 0x5, 1, c.packer().pack({{"sum", "6"}})));
  EXPECT_EQ(c.got.streams[1].body, "abcdef|sum=6");
  EXPECT_EQ(c.log.at(0).failure, "");
}

}  // namespace
}  // namespace sally::http2
