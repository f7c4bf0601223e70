#include "handler/byte_ranges.h"

#include <gtest/gtest.h>

namespace sally::handler {
namespace {

using Kind = RangeRequest::Kind;

struct Row {
  std::string_view value;
  std::uint64_t size;
  Kind kind;
  std::vector<ByteRange> parts;
};

const Row kRows[] = {
    {"bytes=0-0", 10, Kind::parts, {{0, 0}}},
    {"bytes=0-", 10, Kind::parts, {{0, 9}}},
    {"bytes=3-5", 10, Kind::parts, {{3, 5}}},
    {"bytes=3-500", 10, Kind::parts, {{3, 9}}},
    {"bytes=9-9", 10, Kind::parts, {{9, 9}}},
    {"bytes=-3", 10, Kind::parts, {{7, 9}}},
    {"bytes=-30", 10, Kind::parts, {{0, 9}}},
    {"BYTES=1-2", 10, Kind::parts, {{1, 2}}},
    {"bytes= 1-2 ,\t4-5", 10, Kind::parts, {{1, 2}, {4, 5}}},
    {"bytes=,,1-2,,", 10, Kind::parts, {{1, 2}}},
    {"bytes=8-9,0-1", 10, Kind::parts, {{8, 9}, {0, 1}}},
    {"bytes=4-6,0-4", 10, Kind::parts, {{0, 6}}},
    {"bytes=0-1,1-2,5-6,6-7", 10, Kind::parts, {{0, 2}, {5, 7}}},
    {"bytes=0-9,0-9,0-9", 10, Kind::parts, {{0, 9}}},
    {"bytes=0-1,20-30", 10, Kind::parts, {{0, 1}}},
    {"bytes=0-18446744073709551615", 10, Kind::parts, {{0, 9}}},
    {"bytes=0-99999999999999999999999", 10, Kind::parts, {{0, 9}}},
    {"bytes=-99999999999999999999999", 10, Kind::parts, {{0, 9}}},
    {"bytes=5368709110-", 5368709120, Kind::parts, {{5368709110, 5368709119}}},

    {"bytes=10-", 10, Kind::unsatisfiable, {}},
    {"bytes=10-20", 10, Kind::unsatisfiable, {}},
    {"bytes=-0", 10, Kind::unsatisfiable, {}},
    {"bytes=99999999999999999999999-", 10, Kind::unsatisfiable, {}},

    {"", 10, Kind::whole, {}},
    {"bytes", 10, Kind::whole, {}},
    {"bytes=", 10, Kind::whole, {}},
    {"bytes=,", 10, Kind::whole, {}},
    {"bytes=-", 10, Kind::whole, {}},
    {"bytes=5", 10, Kind::whole, {}},
    {"bytes=5-3", 10, Kind::whole, {}},
    {"bytes=0-1,x", 10, Kind::whole, {}},
    {"bytes=+0-1", 10, Kind::whole, {}},
    {"bytes=0--1", 10, Kind::whole, {}},
    {"bytes=0 -1", 10, Kind::whole, {}},
    {"bytes=0x0-1", 10, Kind::whole, {}},
    {"bytes =0-1", 10, Kind::whole, {}},
    {"items=0-1", 10, Kind::whole, {}},
    {"bytes=0-0", 0, Kind::whole, {}},
    {"bytes=-5", 0, Kind::whole, {}},
    {"bytes=0-0,2-2,4-4,6-6,8-8", 10, Kind::whole, {}},  // five where four are allowed
};

TEST(ByteRanges, Table) {
  for (const Row& row : kRows) {
    const RangeRequest got = parse_ranges(row.value, row.size, 4);
    EXPECT_EQ(got.kind, row.kind) << row.value;
    EXPECT_EQ(got.parts, row.parts) << row.value;
  }
}

TEST(ByteRanges, Texts) {
  EXPECT_EQ(content_range({0, 99}, 1234), "bytes 0-99/1234");
  EXPECT_EQ(unsatisfied_range(1234), "bytes */1234");
}

}  // namespace
}  // namespace sally::handler
