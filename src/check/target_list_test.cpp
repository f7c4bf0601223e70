#include "check/target_list.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

TEST(TargetList, LinesCommentsAndSchemes) {
  const auto list =
      parse_target_list("example.com\r\n\n  # nothing\nsmtp://mail.example.com # mail\n[::1]:8443");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ((*list)[0].endpoint(), "example.com:443");
  EXPECT_EQ((*list)[1].endpoint(), "mail.example.com:25");
  EXPECT_EQ((*list)[2].endpoint(), "[::1]:8443");
  EXPECT_TRUE(parse_target_list("")->empty());
}

TEST(TargetList, AFaultNamesItsLine) {
  const auto list = parse_target_list("example.com\n\na b\n");
  ASSERT_FALSE(list);
  EXPECT_TRUE(list.error().is(kBadTarget));
  EXPECT_NE(list.error().text().find("line 3"), std::string::npos);
}

TEST(Finished, ATornLineDoesNotCount) {
  const std::string whole = "{\"target\":\"a:443\",\"grade\":\"A\"}\n{\"target\":\"b:443\"}\n";
  const Finished f = parse_finished(whole + "{\"target\":\"c:44");
  EXPECT_EQ(f.endpoints, (std::set<std::string>{"a:443", "b:443"}));
  EXPECT_EQ(f.whole_bytes, whole.size());
  EXPECT_EQ(parse_finished("").whole_bytes, 0u);
}

TEST(Finished, AnotherFileIsNoReport) {
  EXPECT_EQ(parse_finished("hello\n{\"target\":\"a:443\"}\n").whole_bytes, 0u);
  EXPECT_EQ(parse_finished("{\"target\":5}\n").whole_bytes, 0u);
  EXPECT_EQ(parse_finished("{\"target\":\"a:443\"}\n[]\n").whole_bytes, 19u);
}

}  // namespace
}  // namespace sally::check
