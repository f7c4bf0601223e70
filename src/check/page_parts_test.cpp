#include "check/page_parts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sally::check {
namespace {

using Use = PagePart::Use;

PageParts read(std::string_view html) {
  const auto at = read_url("https://www.example.com/shop/");
  auto parts = read_page(html, *at);
  EXPECT_TRUE(parts);
  return parts ? *std::move(parts) : PageParts{};
}

/// "image img http://..." of what is not secure, one a line.
std::string insecure(std::string_view html) {
  std::string out;
  for (const PagePart& part : read(html).parts) {
    if (part.secure) continue;
    constexpr const char* kNames[] = {"image", "code", "form", "refresh"};
    if (!out.empty()) out += '\n';
    out += fmt::format("{} {} {}", kNames[static_cast<int>(part.use)], part.element, part.url);
  }
  return out;
}

TEST(PageParts, WhatIsBlockedAndWhatIsUpgraded) {
  EXPECT_EQ(insecure("<script src=http://a.example/x.js></script>"), "code script http://a.example/x.js");
  EXPECT_EQ(insecure("<img src=http://a.example/x.png>"), "image img http://a.example/x.png");
  EXPECT_EQ(insecure("<img crossorigin src=http://a.example/x.png>"), "code img http://a.example/x.png");
  EXPECT_EQ(insecure("<img src=http://192.0.2.1/x.png>"), "code img http://192.0.2.1/x.png");
  EXPECT_EQ(insecure("<iframe src=http://a.example/></iframe>"), "code iframe http://a.example/");
  EXPECT_EQ(insecure("<video src=http://a.example/v poster=http://a.example/p></video>"),
            "image video http://a.example/v\nimage video http://a.example/p");
  EXPECT_EQ(insecure("<link rel='alternate STYLESHEET' href=http://a.example/s>"),
            "code link http://a.example/s");
  EXPECT_EQ(insecure("<link rel=icon href=http://a.example/i>"), "image link icon http://a.example/i");
  EXPECT_EQ(insecure("<object data=http://a.example/o></object>"), "code object http://a.example/o");
}

TEST(PageParts, WhatIsNotLoaded) {
  for (const char* const html :
       {"<a href=http://a.example/>", "<link rel=canonical href=http://a.example/>",
        "<!-- <script src=http://a.example/> -->",
        "<template><script src=http://a.example/></script></template>",
        "<body><noscript><img src=http://a.example/></noscript>",
        "<textarea><script src=http://a.example/></script></textarea>",
        "<script>'<img src=http://a.example/>'</script>", "<input src=http://a.example/>"})
    EXPECT_EQ(insecure(html), "") << html;
}

TEST(PageParts, WhatIsSecure) {
  for (const char* const html : {"<script src=/x.js></script>", "<script src=//a.example/x.js></script>",
                                 "<img src=data:,x>", "<img src=http://localhost:8080/x>",
                                 "<img src=http://127.0.0.1/x>", "<form action=https://a.example/>"})
    EXPECT_EQ(insecure(html), "") << html;
}

TEST(PageParts, BaseCountsForAllAndOnlyTheFirst) {
  EXPECT_EQ(insecure("<base href=http://a.example/y/><base href=https://b.example/><img src=x.png>"),
            "image img http://a.example/y/x.png");
}

TEST(PageParts, ImageSets) {
  EXPECT_EQ(insecure("<img src=/a srcset='http://a.example/1 1x, /2 2x,http://a.example/3'>"),
            "code img srcset http://a.example/1\ncode img srcset http://a.example/3");
  EXPECT_EQ(insecure("<picture><source srcset=http://a.example/1></picture>"),
            "code source srcset http://a.example/1");
}

TEST(PageParts, StyleSheetsAndStyleAttributes) {
  EXPECT_EQ(insecure("<style>@import 'http://a.example/1'; p{background:url(http://a.example/2)}</style>"),
            "code style http://a.example/1\nimage style http://a.example/2");
  EXPECT_EQ(insecure("<p style='background:url(http://a.example/3)'>"), "image p style http://a.example/3");
}

TEST(PageParts, FormsAndRefresh) {
  EXPECT_EQ(insecure("<form action=http://a.example/f><button formaction=http://a.example/g></form>"),
            "form form http://a.example/f\nform button http://a.example/g");
  EXPECT_EQ(insecure("<meta http-equiv=Refresh content='5; URL=\"http://a.example/r\"'>"),
            "refresh meta refresh http://a.example/r");
  EXPECT_EQ(insecure("<meta http-equiv=refresh content='5'>"), "");
}

TEST(PageParts, Svg) {
  EXPECT_EQ(insecure("<svg><image xlink:href=http://a.example/s /></svg>"), "image image http://a.example/s");
}

TEST(PageParts, ScriptsPoliciesSecrets) {
  const PageParts p = read(
      "<meta http-equiv=Content-Security-Policy content='upgrade-insecure-requests'>"
      "<script src=https://cdn.example/a.js integrity=sha384-x></script><script src=b.js></script>"
      "<form><input type=hidden name=csrf_token value=0123456789abcdef><input type=hidden name=page "
      "value=0123456789></form>");
  ASSERT_EQ(p.policies, std::vector<std::string>{"upgrade-insecure-requests"});
  ASSERT_EQ(p.scripts.size(), 2u);
  EXPECT_TRUE(p.scripts[0].has_integrity && !p.scripts[0].same_host);
  EXPECT_TRUE(!p.scripts[1].has_integrity && p.scripts[1].same_host);
  EXPECT_EQ(p.secrets, std::vector<std::string>{"csrf_token"});
}

TEST(PageParts, NestedWithoutEnd) {
  std::string html;
  for (int i = 0; i < 10000; ++i) html += "<div>";
  html += "<img src=http://a.example/x.png>";
  const auto at = read_url("https://www.example.com/");
  const auto parts = read_page(html, *at, {.time = std::chrono::minutes(5)});
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->parts.size(), 1u);
  const auto hurried = read_page(html, *at, {.time = std::chrono::milliseconds(0)});
  ASSERT_FALSE(hurried);
  EXPECT_TRUE(hurried.error().is(kPageTooHard));
}

TEST(PageParts, APageThatGrowsInTheParserEndsAtTheLimit) {
  std::string html = "<p>";
  for (int i = 0; i < 3000; ++i) html += fmt::format("<b a{}>", i);
  for (int i = 0; i < 20000; ++i) html += "</p><p>x";
  const auto at = read_url("https://www.example.com/");
  const auto parts = read_page(html, *at, {.memory = 16 << 20, .time = std::chrono::minutes(5)});
  ASSERT_FALSE(parts);
  EXPECT_TRUE(parts.error().is(kPageTooHard));
}

TEST(PageParts, PartsAreCounted) {
  std::string html;
  for (int i = 0; i < 20; ++i) html += "<img src=http://a.example/x>";
  const auto at = read_url("https://www.example.com/");
  const auto parts = read_page(html, *at, {.parts = 7});
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->parts.size(), 7u);
  EXPECT_TRUE(parts->cut);
}

}  // namespace
}  // namespace sally::check
