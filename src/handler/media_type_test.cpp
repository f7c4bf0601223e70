#include "handler/media_type.h"

#include <gtest/gtest.h>

namespace sally::handler {
namespace {

TEST(MediaType, ByTheLastExtensionWhateverItsCase) {
  EXPECT_EQ(media_type("a/b.HTML"), "text/html; charset=utf-8");
  EXPECT_EQ(media_type("x.tar.gz"), "application/gzip");
  EXPECT_EQ(media_type("app.mjs"), "text/javascript; charset=utf-8");
  EXPECT_EQ(media_type("3gp.zst"), "application/zstd");
  EXPECT_EQ(media_type("README"), "application/octet-stream");
  EXPECT_EQ(media_type("a.html/README"), "application/octet-stream");
  EXPECT_EQ(media_type("x.unheard-of"), "application/octet-stream");
  EXPECT_EQ(media_type("x."), "application/octet-stream");
}

TEST(MediaType, ConfiguredOnesWin) {
  const std::map<std::string, std::string> more = {{"html", "text/plain"}, {"foo", "application/foo"}};
  EXPECT_EQ(media_type("a.html", more), "text/plain");
  EXPECT_EQ(media_type("a.FOO", more), "application/foo");
}

TEST(MediaType, OnlyWhatIsNotYetCompressedIsWorthCompressing) {
  for (const char* type :
       {"text/html; charset=utf-8", "application/json", "image/svg+xml", "application/wasm"})
    EXPECT_TRUE(is_compressible(type)) << type;
  for (const char* type :
       {"image/png", "application/zip", "font/woff2", "video/mp4", "application/octet-stream"})
    EXPECT_FALSE(is_compressible(type)) << type;
}

}  // namespace
}  // namespace sally::handler
