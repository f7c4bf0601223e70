#include "cert/json_text.h"

#include <gtest/gtest.h>

namespace sally::cert {
namespace {

TEST(JsonText, ShapeAndOrder) {
  JsonText json;
  json.string("b", "x").number("a", -5).boolean("t", true).strings("none", {}).strings("two", {"1", "2"});
  json.begin_array("list")
      .begin_element()
      .string("k", "v")
      .end()
      .begin_element()
      .end()
      .end()
      .begin_object("o")
      .number("n", 1);
  EXPECT_EQ(
      json.finish(),
      "{\n  \"b\": \"x\",\n  \"a\": -5,\n  \"t\": true,\n  \"none\": [],\n  \"two\": [\n    \"1\",\n    "
      "\"2\"\n  ],\n"
      "  \"list\": [\n    {\n      \"k\": \"v\"\n    },\n    {}\n  ],\n  \"o\": {\n    \"n\": 1\n  }\n}\n");
}

struct Case {
  std::string_view in, out;
};
constexpr Case kCases[] = {
    {"a\"b\\c", "a\\\"b\\\\c"},
    {std::string_view("\0\n\x1f\x7f", 4), "\\u0000\\u000a\\u001f\\u007f"},
    {"B\xc3\xbcro \xe2\x82\xac \xf0\x9f\x98\x80", "B\xc3\xbcro \xe2\x82\xac \xf0\x9f\x98\x80"},
    {"\xff", "\\ufffd"},
    {"\xc3", "\\ufffd"},
    {"\xc0\xaf", "\\ufffd\\ufffd"},
    {"\xe0\x80\xaf", "\\ufffd\\ufffd\\ufffd"},
    {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
    {"\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"},
};

TEST(JsonText, AnyBytesBecomeAValidString) {
  for (const Case& c : kCases) {
    JsonText json;
    json.string("k", c.in);
    EXPECT_EQ(json.finish(), "{\n  \"k\": \"" + std::string(c.out) + "\"\n}\n");
  }
}

}  // namespace
}  // namespace sally::cert
