#include "base/escape.h"

#include <gtest/gtest.h>

namespace sally {
namespace {

std::string made(void (*append)(std::string&, std::string_view), std::string_view in) {
  std::string out = "<";
  append(out, in);
  return out.substr(1);
}

TEST(Utf8Length, OnlyWhatRfc3629Allows) {
  EXPECT_EQ(utf8_length(""), 0u);
  EXPECT_EQ(utf8_length("a"), 1u);
  EXPECT_EQ(utf8_length("\xC3\xA9x"), 2u);
  EXPECT_EQ(utf8_length("\xE2\x82\xAC"), 3u);
  EXPECT_EQ(utf8_length("\xF0\x9F\x98\x80"), 4u);
  for (const std::string_view bad :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xC3x"})
    EXPECT_EQ(utf8_length(bad), 0u) << testing::PrintToString(bad);
}

struct Case {
  std::string_view in, out;
};

TEST(AppendJsonEscaped, AnyBytesBecomeAValidString) {
  constexpr Case kCases[] = {
      {"a\"b\\c", "a\\\"b\\\\c"},
      {std::string_view("\0\n\x1f\x7f", 4), "\\u0000\\u000a\\u001f\\u007f"},
      {"B\xc3\xbcro \xe2\x82\xac \xf0\x9f\x98\x80", "B\xc3\xbcro \xe2\x82\xac \xf0\x9f\x98\x80"},
      {"\xff", "\\ufffd"},
      {"\xc3", "\\ufffd"},
      {"\xc0\xaf", "\\ufffd\\ufffd"},
      {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
  };
  for (const Case& c : kCases) EXPECT_EQ(made(append_json_escaped, c.in), c.out);
}

TEST(AppendJsonAscii, OctetsAreShownAsThemselves) {
  EXPECT_EQ(made(append_json_ascii, "a\"\\\n\xC3\xA9\xFF"), "a\\\"\\\\\\u000a\\u00c3\\u00a9\\u00ff");
}

TEST(AppendHtml, NothingLeavesItsPlace) {
  EXPECT_EQ(made(append_html, "a&<>\"'b"), "a&amp;&lt;&gt;&quot;&#39;b");
  EXPECT_EQ(made(append_html, "\xC3\xA9\t\xF0\x9F\x98\x80"), "\xC3\xA9\t\xF0\x9F\x98\x80");
  constexpr std::string_view kBad = "\xEF\xBF\xBD";
  for (const std::string_view bad : {"\xFF", "\xC0", "\x01", "\x7F", "\x80", "\xEF\xBF\xBE", "\xEF\xBF\xBF"})
    EXPECT_EQ(made(append_html, bad), kBad);
  EXPECT_EQ(made(append_html, "\xE2\x82"), std::string(kBad) + std::string(kBad));
}

TEST(AppendVisible, NothingIsObeyedByATerminal) {
  constexpr Case kCases[] = {
      {"plain \xC3\xA9 <&>", "plain \xC3\xA9 <&>"},
      {"\x1b[31mred\x07\n", "\\x1b[31mred\\x07\\x0a"},
      {"\xC2\x9B"
       "31m",
       "\\x9b31m"},       // CSI as one character of C1
      {"\x9B", "\\x9b"},  // and as a lone octet
      {"a\xE2\x80\xAE"
       "b",
       "a\\u{202e}b"},  // right-to-left override
      {"\xD8\x9C\xE2\x81\xA6\xE2\x80\xA8", "\\u{061c}\\u{2066}\\u{2028}"},
      {"\x7f", "\\x7f"},
  };
  for (const Case& c : kCases) EXPECT_EQ(visible(c.in), c.out);
}

}  // namespace
}  // namespace sally
