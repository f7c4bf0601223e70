#include "handler/path_reading.h"

#include <gtest/gtest.h>

namespace sally::handler {
namespace {

struct Case {
  std::string_view raw, strict, lax;
};

TEST(PathReading, ReadsTwoWays) {
  const Case cases[] = {
      {"/", "/", "/"},
      {"/a/b.html", "/a/b.html", "/a/b.html"},
      {"/%61dmin", "/admin", "/admin"},
      {"/gr%C3%B6%c3%9fe", "/größe", "/größe"},
      {"/a%2Fb", "/a\1b", "/a/b"},
      {"/a%5cb", "/a\1b", "/a/b"},
      {"/a\\b", "/a\1b", "/a/b"},
      {"/a//b///c", "/a//b///c", "/a/b/c"},
      {"/a;v=1/b;w", "/a;v=1/b;w", "/a/b"},
      {"/a%3Bb", "/a;b", "/a"},
      {"/a/;x/b", "/a/;x/b", "/a/b"},
      {"/.well-known/x", "/.well-known/x", "/.well-known/x"},
      {"/a...", "/a...", "/a..."},
      {"/..a/b..", "/..a/b..", "/..a/b.."},
      {"/%252e%252e", "/%2e%2e", "/%2e%2e"},
      {"/a/", "/a/", "/a/"},
  };
  PathReader reader;
  for (const Case& c : cases) {
    const auto readings = reader.read(c.raw);
    ASSERT_TRUE(readings) << c.raw;
    EXPECT_EQ(readings->strict, c.strict) << c.raw;
    EXPECT_EQ(readings->lax, c.lax) << c.raw;
    EXPECT_EQ(readings->same(), c.strict == c.lax);
  }
}

TEST(PathReading, RefusesWhatLeadsElsewhere) {
  PathReader reader;
  for (const std::string_view raw :
       {"",        "a",       "*",       "//host/x",  "/%2fhost",    "/\\host",   "/%5Chost", "/;x/host",
        "/.",      "/..",     "/a/../b", "/a/./b",    "/a/%2e%2e/b", "/a/%2E./b", "/a/.%2e",  "/a%2f..%2fb",
        "/a%2f..", "/..%2fa", "/..\\a",  "/a/..;x/b", "/a/%2e%2e;x", "/a/..%3bx", "/a/.;/b",  "/%00",
        "/a%0ab",  "/%1f",    "/%7f",    "/%",        "/%4",         "/%zz",      "/a%2"})
    EXPECT_FALSE(reader.read(raw)) << raw;
}

}  // namespace
}  // namespace sally::handler
