#include "handler/preconditions.h"

#include <gtest/gtest.h>

namespace sally::handler {
namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::int64_t kModified = 784111777;
constexpr std::string_view kSame = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";
const Validators kThere{"\"abc\"", kModified};

struct Row {
  std::vector<http::Field> fields;
  Precondition verdict;
};

TEST(Preconditions, Table) {
  using enum Precondition;
  const Row kRows[] = {
      {{}, holds},
      {{{"if-none-match", "\"abc\""}}, not_modified},
      {{{"if-none-match", "W/\"abc\""}}, not_modified},
      {{{"if-none-match", "*"}}, not_modified},
      {{{"if-none-match", "\"x\", W/\"y\" ,\"abc\""}}, not_modified},
      {{{"if-none-match", "\"x\""}, {"if-none-match", "\"abc\""}}, not_modified},
      {{{"if-none-match", "\"x\""}}, holds},
      {{{"if-none-match", "abc"}}, holds},
      {{{"if-none-match", "\"abc"}}, holds},
      {{{"if-none-match", ""}}, holds},
      {{{"if-none-match", "\"x\"\"abc\""}}, holds},
      {{{"if-modified-since", kSame}}, not_modified},
      {{{"if-modified-since", kAfter}}, not_modified},
      {{{"if-modified-since", kBefore}}, holds},
      {{{"if-modified-since", "yesterday"}}, holds},
      {{{"if-modified-since", kSame}, {"if-modified-since", kSame}}, holds},
      // RFC 9110 13.1.3: ignored beside If-None-Match
      {{{"if-none-match", "\"x\""}, {"if-modified-since", kSame}}, holds},
      {{{"if-none-match", "\"abc\""}, {"if-modified-since", kBefore}}, not_modified},
      {{{"if-match", "\"abc\""}}, holds},
      {{{"if-match", "*"}}, holds},
      {{{"if-match", "\"x\""}}, failed},
      {{{"if-match", "W/\"abc\""}}, failed},  // compared strongly
      {{{"if-unmodified-since", kSame}}, holds},
      {{{"if-unmodified-since", kBefore}}, failed},
      {{{"if-unmodified-since", "never"}}, holds},
      // RFC 9110 13.1.4: ignored beside If-Match
      {{{"if-match", "\"abc\""}, {"if-unmodified-since", kBefore}}, holds},
      // 13.2.2: 412 comes before 304
      {{{"if-match", "\"x\""}, {"if-none-match", "\"abc\""}}, failed},
      {{{"if-match", "\"abc\""}, {"if-none-match", "\"abc\""}}, not_modified},
  };
  int number = 0;
  for (const Row& row : kRows) {
    http::Fields fields;
    for (const http::Field& f : row.fields) fields.add(f.name, f.value);
    EXPECT_EQ(check_preconditions(fields, kThere), row.verdict) << "row " << number;
    ++number;
  }
}

TEST(Preconditions, IfRange) {
  const auto current = [](std::string_view value, std::int64_t now) {
    http::Fields fields;
    fields.add("if-range", value);
    return range_is_current(fields, kThere, now);
  };
  constexpr std::int64_t kLater = kModified + 100;
  EXPECT_TRUE(range_is_current({}, kThere, kLater));
  EXPECT_TRUE(current("\"abc\"", kLater));
  EXPECT_FALSE(current("W/\"abc\"", kLater));
  EXPECT_FALSE(current("\"x\"", kLater));
  EXPECT_TRUE(current(kSame, kLater));
  EXPECT_FALSE(current(kAfter, kLater));
  EXPECT_FALSE(current(kBefore, kLater));
  EXPECT_FALSE(current(kSame, kModified));  // another state may have the same second
  EXPECT_FALSE(current("", kLater));
}

}  // namespace
}  // namespace sally::handler
