#include "handler/request_path.h"

#include <gtest/gtest.h>

namespace sally::handler {
namespace {

struct Row {
  std::string_view raw;
  std::optional<std::string> decoded;
};

TEST(RequestPath, Table) {
  const Row kRows[] = {
      {"/", "/"},
      {"/a/b.html", "/a/b.html"},
      {"/a%20b/%C3%A9", "/a b/\xC3\xA9"},
      {"/%61", "/a"},
      {"/a/", "/a/"},
      {"/...", std::nullopt},  // a name with a dot in front
      {"/a..b/c.", "/a..b/c."},
      {"/%252e%252e/x", "/%2e%2e/x"},  // decoded once
      {"/.well-known/acme-challenge/x", "/.well-known/acme-challenge/x"},
      {"/.well-known/.hidden", std::nullopt},
      {"/a/.well-known/x", std::nullopt},

      {"", std::nullopt},
      {"*", std::nullopt},
      {"a", std::nullopt},
      {"//", std::nullopt},
      {"//evil.example/", std::nullopt},
      {"/a//b", std::nullopt},
      {"/.", std::nullopt},
      {"/..", std::nullopt},
      {"/../etc/passwd", std::nullopt},
      {"/a/../../etc/passwd", std::nullopt},
      {"/a/..", std::nullopt},
      {"/%2e%2e/etc/passwd", std::nullopt},
      {"/%2E./etc", std::nullopt},
      {"/.%2e/etc", std::nullopt},
      {"/a%2fb", std::nullopt},
      {"/a%2Fb", std::nullopt},
      {"/..%2fetc", std::nullopt},
      {"/a%5cb", std::nullopt},
      {"/a\\b", std::nullopt},
      {"/\\evil.example", std::nullopt},
      {"/a%00.html", std::nullopt},
      {"/a%0a", std::nullopt},
      {"/a%7f", std::nullopt},
      {"/%", std::nullopt},
      {"/%4", std::nullopt},
      {"/%4g", std::nullopt},
      {"/%-1", std::nullopt},
      {"/.git/config", std::nullopt},
      {"/%2egit/config", std::nullopt},
      {"/a/.env", std::nullopt},
  };
  for (const Row& row : kRows) EXPECT_EQ(decode_path(row.raw, false), row.decoded) << row.raw;
}

TEST(RequestPath, DotfilesAreServedWhenAsked) {
  EXPECT_EQ(decode_path("/.git/config", true), "/.git/config");
  EXPECT_EQ(decode_path("/..", true), std::nullopt);
  EXPECT_EQ(decode_path("/./a", true), std::nullopt);
}

TEST(RequestPath, LongNamesCannotExist) {
  EXPECT_TRUE(decode_path("/" + std::string(255, 'n'), false));
  EXPECT_FALSE(decode_path("/" + std::string(256, 'n'), false));
  std::string path;
  while (path.size() < 5000) path += "/name";
  EXPECT_FALSE(decode_path(path, false));
}

TEST(RequestPath, RunsOfSlashesBecomeOne) {
  EXPECT_EQ(single_slashes("/a/b"), std::nullopt);
  EXPECT_EQ(single_slashes("//evil.example//x/"), "/evil.example/x/");
  EXPECT_EQ(single_slashes("/a///b"), "/a/b");
}

}  // namespace
}  // namespace sally::handler
