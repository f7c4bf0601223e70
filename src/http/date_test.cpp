#include "http/date.h"

#include <gtest/gtest.h>

namespace sally::http {
namespace {

TEST(Date, WritesImfFixdate) {
  EXPECT_EQ(format_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_date(1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(Date, ReadsAllThreeForms) {  // RFC 9110 5.6.7 has these examples
  EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994"), 784111777);
}

TEST(Date, RefusesWhatIsNoDate) {
  for (const char* text : {"", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 06 Nov 1994 08:49:37 GMT and more", "Sun, 32 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 25:49:37 GMT", "1994-11-06T08:49:37Z"})
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
}

TEST(Date, EverySecondReadsBackAsItself) {
  for (std::int64_t t = 0; t < 4'000'000'000; t += 86'400 * 11 + 3671)
    EXPECT_EQ(parse_date(format_date(t)), t);
}

TEST(Date, TheCacheFollowsTheClock) {
  DateCache cache;
  EXPECT_EQ(cache.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(cache.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(cache.at(784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace sally::http
