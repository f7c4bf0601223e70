#include "check/css_urls.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

std::string listed(std::string_view css) {
  std::string out;
  for (const CssUrl& one : css_urls(css)) {
    if (!out.empty()) out += ' ';
    out += one.use == CssUrl::Use::image ? "image:" : one.use == CssUrl::Use::font ? "font:" : "import:";
    out += one.url;
  }
  return out;
}

TEST(CssUrls, EachUse) {
  EXPECT_EQ(listed("@import 'a.css'; @import url(b.css) print; p { background: url( \"c.png\" ) }"),
            "import:a.css import:b.css image:c.png");
  EXPECT_EQ(listed("@font-face { src: url(d.woff2) format('woff2') } q { content: 'e' url(f.png) }"),
            "font:d.woff2 image:f.png");
}

TEST(CssUrls, CommentsAndStringsAreNotAddresses) {
  EXPECT_EQ(listed("/* url(a) */ p::before { content: 'url(b)' } /* open url(c)"), "");
}

TEST(CssUrls, EscapesAndCase) {
  EXPECT_EQ(listed("p{background:UR\\4c (a\\)b)}"), "image:a)b");
  EXPECT_EQ(listed("p{background:url(\"http\\3a //x/\")}"), "image:http://x/");
}

TEST(CssUrls, BrokenOnesEnd) {
  EXPECT_EQ(listed("p{background:url("), "");
  EXPECT_EQ(listed("p{background:url(a"), "image:a");
  EXPECT_EQ(listed("\\"), "");
  EXPECT_EQ(listed("url('a"), "image:a");
}

TEST(CssUrls, NotMoreThanTheLimit) {
  std::string css;
  for (std::size_t i = 0; i < kMostCssUrls + 10; ++i) css += "p{background:url(a)}";
  EXPECT_EQ(css_urls(css).size(), kMostCssUrls);
}

}  // namespace
}  // namespace sally::check
