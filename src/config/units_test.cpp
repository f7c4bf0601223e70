#include "config/units.h"

#include <gtest/gtest.h>

namespace sally::config {
namespace {

using namespace std::chrono_literals;

TEST(Size, ReadsWhatPeopleWrite) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("1400"), 1400U);
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("16KiB"), 16'384U);
  EXPECT_EQ(parse_size("1MiB"), 1'048'576U);
  EXPECT_EQ(parse_size("2GiB"), 2'147'483'648U);
  EXPECT_EQ(parse_size("9223372036854775807"), 9'223'372'036'854'775'807U);
}

TEST(Size, RefusesTheRest) {
  for (const char* text :
       {"", "KiB", "16K", "16KB", "16kib", "16 KiB", " 16KiB", "16KiB ", "-1", "+1", "1.5MiB", "0x10", "1e3",
        "9223372036854775808", "8589934592GiB", "18446744073709551616", "1KiBKiB"})
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

TEST(Duration, ReadsWhatPeopleWrite) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("10"), 10s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("12h"), 12h);
  EXPECT_EQ(parse_duration("730d"), std::chrono::days(730));
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(Duration, RefusesTheRest) {
  for (const char* text : {"", "s", "10 s", "10S", "10sec", "1h30m", "-5s", "1.5h", "36501d",
                           "99999999999999999999s", "18446744073709551615d", "5us"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Rate, ReadsBurstAndRefill) {
  EXPECT_EQ(parse_rate("200 + 20/s"), (Rate{200, 20}));
  EXPECT_EQ(parse_rate("200+20/s"), (Rate{200, 20}));
  for (const char* text : {"", "200", "200 + 20", "+ 20/s", "200 +", "200 + 20/m", "200 + -1/s", "a + b/s",
                           "4294967296 + 1/s", "1 + 2 + 3/s"})
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
}

TEST(Show, ReadsBackToTheSame) {
  for (const std::uint64_t n : {0ULL, 1ULL, 1023ULL, 1024ULL, 1400ULL, 65'536ULL, 1'048'577ULL, 1ULL << 40})
    EXPECT_EQ(parse_size(show_size(n)), n);
  EXPECT_EQ(show_size(64 * 1024), "64KiB");
  EXPECT_EQ(show_size(1400), "1400");
  for (const auto t : {0ms, 1ms, 250ms, 1000ms, 75'000ms, 60'000ms, 3'600'000ms, 86'400'000ms, 90'061'001ms})
    EXPECT_EQ(parse_duration(show_duration(t)), t);
  EXPECT_EQ(show_duration(75s), "75s");
  EXPECT_EQ(show_duration(60s), "1m");
  EXPECT_EQ(show_duration(0s), "0s");
  EXPECT_EQ(show_rate({16, 1}), "16 + 1/s");
}

}  // namespace
}  // namespace sally::config
