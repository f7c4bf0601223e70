#include "handler/file_answer.h"

#include <gtest/gtest.h>

#include "handler/test_site.h"
#include "http/date.h"

namespace sally::handler {
namespace {

/// The same content small enough for the cache and too large for it.
class FileAnswer : public testing::TestWithParam<bool> {
 protected:
  FileAnswer() {
    if (!GetParam()) site.config.cache_file_bytes = 4;
    site.folder.write("a.bin", "0123456789");
    site.folder.date("a.bin", 784111777);
  }
  TestAnswer get(const TestSite::FieldList& fields) { return site.get("/a.bin", fields); }
  TestSite site;
};

TEST_P(FileAnswer, OnePart) {
  const TestAnswer a = get({{"range", "bytes=2-4"}});
  EXPECT_EQ(a.status, 206);
  EXPECT_EQ(a.body, "234");
  EXPECT_EQ(a.length, 3u);
  EXPECT_EQ(a["content-range"], "bytes 2-4/10");
  EXPECT_EQ(a["content-type"], "application/octet-stream");
  EXPECT_EQ(a["etag"], get({})["etag"]);
  EXPECT_EQ(a["last-modified"], "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(get({{"range", "bytes=-2"}}).body, "89");
  EXPECT_EQ(get({{"range", "bytes=8-"}}).body, "89");
  EXPECT_EQ(get({{"range", "bytes=0-1,1-3"}}).body, "0123");
}

TEST_P(FileAnswer, SeveralParts) {
  for (const std::size_t want : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
    const TestAnswer a = site.ask("GET", "/a.bin", {{"range", "bytes=0-1,8-9,4-5"}}, want);
    EXPECT_EQ(a.status, 206);
    EXPECT_EQ(a.error, "");
    EXPECT_FALSE(a.has("content-range"));
    const std::string type = a["content-type"];
    const std::string prefix = "multipart/byteranges; boundary=";
    ASSERT_TRUE(type.starts_with(prefix)) << type;
    const std::string boundary = type.substr(prefix.size());
    std::string expected;
    for (const auto& [range, text] : {std::pair("0-1", "01"), std::pair("8-9", "89"), std::pair("4-5", "45")})
      expected += (expected.empty() ? "--" : "\r\n--") + boundary +
                  "\r\ncontent-type: application/octet-stream\r\ncontent-range: bytes " + range +
                  "/10\r\n\r\n" + text;
    expected += "\r\n--" + boundary + "--\r\n";
    EXPECT_EQ(a.body, expected);
    EXPECT_EQ(a.length, expected.size());
  }
}

TEST_P(FileAnswer, BehindTheEnd) {
  const TestAnswer a = get({{"range", "bytes=10-"}});
  EXPECT_EQ(a.status, 416);
  EXPECT_EQ(a["content-range"], "bytes */10");
}

TEST_P(FileAnswer, RangesThatAreNoneGetTheWhole) {
  for (const char* value : {"bytes=x", "lines=1-2", "bytes=5-2"}) {
    const TestAnswer a = get({{"range", value}});
    EXPECT_EQ(a.status, 200) << value;
    EXPECT_EQ(a.body, "0123456789");
  }
  EXPECT_EQ(get({{"range", "bytes=0-0"}, {"range", "bytes=1-1"}}).status, 200);
  std::string many = "bytes=0-0";
  for (int i = 0; i < 16; ++i) many += ",2-2";
  EXPECT_EQ(get({{"range", many}}).status, 200);
  // RFC 9110 14.2: only for GET
  EXPECT_EQ(site.ask("HEAD", "/a.bin", {{"range", "bytes=0-0"}}).status, 200);
}

TEST_P(FileAnswer, IfRange) {
  const std::string etag = get({})["etag"];
  EXPECT_EQ(get({{"range", "bytes=0-0"}, {"if-range", etag}}).status, 206);
  EXPECT_EQ(get({{"range", "bytes=0-0"}, {"if-range", "\"other\""}}).status, 200);
  EXPECT_EQ(get({{"range", "bytes=0-0"}, {"if-range", "W/" + etag}}).status, 200);
  EXPECT_EQ(get({{"range", "bytes=0-0"}, {"if-range", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status, 206);
  EXPECT_EQ(get({{"range", "bytes=0-0"}, {"if-range", "Sun, 06 Nov 1994 08:49:38 GMT"}}).status, 200);
}

TEST_P(FileAnswer, Conditions) {
  const std::string etag = get({})["etag"];
  const TestAnswer same = get({{"if-none-match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same["etag"], etag);
  EXPECT_EQ(same["last-modified"], "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_FALSE(same.has("content-length"));
  EXPECT_FALSE(same.has("content-type"));
  EXPECT_EQ(get({{"if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status, 304);
  EXPECT_EQ(get({{"if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT"}}).status, 200);
  EXPECT_EQ(get({{"if-match", "\"x\""}}).status, 412);
  EXPECT_EQ(get({{"if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT"}}).status, 412);
  EXPECT_EQ(get({{"if-match", etag}, {"range", "bytes=0-0"}}).status, 206);
  // RFC 9110 13.2.2: a condition that fails comes before the range
  EXPECT_EQ(get({{"if-none-match", etag}, {"range", "bytes=0-0"}}).status, 304);
}

TEST_P(FileAnswer, AnEmptyFileHasNoParts) {
  site.folder.write("empty", "");
  const TestAnswer a = site.get("/empty", {{"range", "bytes=0-"}});
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a.length, 0u);
}

INSTANTIATE_TEST_SUITE_P(CachedAndNot, FileAnswer, testing::Bool());

}  // namespace
}  // namespace sally::handler
