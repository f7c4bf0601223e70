#include "http/octets.h"

#include <gtest/gtest.h>

#include <string>

namespace sally::http {
namespace {

TEST(Octets, FindsTheFirstControlWhereverItStands) {
  for (int c = 0; c < 256; ++c) {
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f;
    for (std::size_t size = 1; size < 40; ++size)
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(c);
        const char* const found = find_control(text.data(), text.data() + size);
        ASSERT_EQ(static_cast<std::size_t>(found - text.data()), control ? at : size) << c << " in " << size;
      }
  }
}

TEST(Octets, FieldNamesAreLowerCaseTokens) {
  for (int c = 0; c < 256; ++c) {
    const auto is_mark =
        std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != 0 && is_mark);
    EXPECT_EQ(is_field_name("x" + std::string(1, static_cast<char>(c))), fits) << c;
  }
  EXPECT_FALSE(is_field_name(""));
}

TEST(Octets, FieldValuesHaveNoControlsAndNoBlanksAround) {
  for (const std::string_view fits : {"", "a", "a b", "a\tb", "\xff"})
    EXPECT_TRUE(is_field_value(fits)) << fits;
  for (const std::string_view bad : {" a", "a ", "\ta", "a\t", " ", "a\rb", "a\nb", "a\x01", "\x7f"})
    EXPECT_FALSE(is_field_value(bad)) << bad;
  EXPECT_FALSE(is_field_value(std::string_view("a\0b", 3)));
}

TEST(Octets, ComparesWithLiterals) {
  EXPECT_TRUE(is("host", "host"));
  EXPECT_FALSE(is("hosts", "host"));
  EXPECT_FALSE(is("hos", "host"));
  EXPECT_TRUE(is("", ""));
}

}  // namespace
}  // namespace sally::http
