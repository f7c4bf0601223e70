#include "proto/http1/head_writer.h"

#include <gtest/gtest.h>

namespace sally::http1 {
namespace {

TEST(Http1HeadText, GrowsPastItsOwnMemory) {
  std::string expected;
  HeadText text;
  for (int i = 0; i < 400; ++i) {
    text.add_number(static_cast<std::uint64_t>(i));
    text.add(" bottles\r\n");
    text.add(std::string_view("of beer"));
    expected += std::to_string(i) + " bottles\r\nof beer";
    ASSERT_EQ(text.text(), expected);
  }
  EXPECT_GT(expected.size(), sizeof(HeadText));
}

TEST(Http1HeadText, TakesOnePieceLargerThanItself) {
  for (std::size_t size = 1000; size < 5000; size += 8) {
    HeadText text;
    text.add(std::string(size, 'x'));
    text.add("y");
    ASSERT_EQ(text.text(), std::string(size, 'x') + "y");
  }
}

TEST(Http1Head, SaysNoServerIfThereIsNoName) {
  http::DateCache dates;
  const http::Stamp stamp{dates, 0, "", {}};
  HeadText text;
  EXPECT_EQ(write_farewell(400, "no", true, stamp, text), 20u);
  EXPECT_EQ(text.text(),
            "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 20\r\n"
            "date: Thu, 01 Jan 1970 00:00:00 GMT\r\nconnection: close\r\n\r\n400 Bad Request: no\n");
}

TEST(Http1Head, OnlyUpgradeRequiredNamesAProtocol) {
  http::DateCache dates;
  const http::Stamp stamp{dates, 0, "", {}};
  http::Exchange x(1024);
  x.response.status = 426;
  x.response.fields.add("upgrade", "websocket");
  HeadText text;
  ASSERT_TRUE(write_head(x, stamp, false, text));
  EXPECT_EQ(text.text(),
            "HTTP/1.1 426 Upgrade Required\r\nupgrade: websocket\r\ncontent-length: 0\r\n"
            "date: Thu, 01 Jan 1970 00:00:00 GMT\r\nconnection: upgrade\r\n\r\n");
  x.response.status = 400;
  HeadText other;
  EXPECT_FALSE(write_head(x, stamp, false, other));
}

TEST(Http1Interim, IsRefusedIfItIsNone) {
  for (const int status : {99, 101, 200}) {
    HeadText text;
    EXPECT_FALSE(write_interim(status, {}, text)) << status;
  }
  http::Fields fields;
  fields.add("link", "a\r\nb");
  HeadText text;
  const auto written = write_interim(103, fields, text);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind().id, kBadAnswer.id);
}

}  // namespace
}  // namespace sally::http1
