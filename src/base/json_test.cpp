#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

namespace sally {
namespace {

const std::vector<std::string> kNone, kTwo{"1", "2"};

void write_sample(JsonText& json) {
  json.string("b", "x").number("a", -5).boolean("t", true).strings("none", kNone).strings("two", kTwo);
  json.begin_array("list").begin_element().string("k", "v").end().begin_element().end().end();
  json.begin_object("o").number("n", 1);
}

TEST(JsonText, ShapeAndOrder) {
  JsonText json;
  write_sample(json);
  EXPECT_EQ(
      json.finish(),
      "{\n  \"b\": \"x\",\n  \"a\": -5,\n  \"t\": true,\n  \"none\": [],\n  \"two\": [\n    \"1\",\n    "
      "\"2\"\n  ],\n"
      "  \"list\": [\n    {\n      \"k\": \"v\"\n    },\n    {}\n  ],\n  \"o\": {\n    \"n\": 1\n  }\n}\n");
}

TEST(JsonText, OneLineSaysTheSame) {
  JsonText indented, line(JsonText::Layout::one_line);
  write_sample(indented);
  write_sample(line);
  const std::string text = line.finish();
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(nlohmann::json::parse(text), nlohmann::json::parse(indented.finish()));
}

TEST(JsonText, ValuesOfAnyBytesAreReadBack) {
  std::string every;
  for (int c = 0; c < 128; ++c) every += static_cast<char>(c);
  JsonText json;
  json.string("ascii", every).string("wide", "\xC3\xA9\xF0\x9F\x98\x80").string("bad", "a\xFF\xC0");
  const auto read = nlohmann::json::parse(json.finish());
  EXPECT_EQ(read["ascii"], every);
  EXPECT_EQ(read["wide"], "\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(read["bad"], "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(JsonText, DecimalsAreNumbers) {
  JsonText json;
  json.decimal("a", 1.5).decimal("b", std::numeric_limits<double>::infinity());
  const auto read = nlohmann::json::parse(json.finish());
  EXPECT_DOUBLE_EQ(read["a"].get<double>(), 1.5);
  EXPECT_DOUBLE_EQ(read["b"].get<double>(), 0.0);
}

}  // namespace
}  // namespace sally
