#include "handler/files.h"

#include <gtest/gtest.h>

#include "handler/test_site.h"

namespace sally::handler {
namespace {

TEST(Files, ASmallFileIsAnsweredFromMemoryTheSecondTime) {
  TestSite site;
  site.folder.write("index.html", "<p>hello");
  const TestAnswer first = site.get("/");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "<p>hello");
  EXPECT_EQ(first["content-type"], "text/html; charset=utf-8");
  EXPECT_EQ(first["content-length"], "8");
  EXPECT_EQ(first["accept-ranges"], "bytes");
  EXPECT_FALSE(first.at_once);
  const TestAnswer second = site.get("/");
  EXPECT_TRUE(second.at_once);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second["etag"], first["etag"]);
  EXPECT_EQ(site.cache->count(), 1u);
}

TEST(Files, AChangeOnDiskIsSeenByTheNextRequest) {
  TestSite site;
  site.folder.write("a.txt", "one");
  EXPECT_EQ(site.get("/a.txt").body, "one");
  EXPECT_TRUE(site.get("/a.txt").at_once);
  site.folder.write("a.txt", "two");  // as long, and maybe in the same tick of the file system's clock
  EXPECT_EQ(site.get("/a.txt").body, "two");
  site.folder.write("b.txt", "three");
  std::filesystem::rename(site.folder / "b.txt", site.folder / "a.txt");
  EXPECT_EQ(site.get("/a.txt").body, "three");
  std::filesystem::remove(site.folder / "a.txt");
  EXPECT_EQ(site.get("/a.txt").status, 404);
}

TEST(Files, ALargeFileIsSentWhole) {
  TestSite site;
  std::string large;
  for (int i = 0; large.size() < 3'000'000; ++i) large += std::to_string(i) + ",";
  site.folder.write("large.bin", large);
  const TestAnswer a = site.get("/large.bin");
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a.length, large.size());
  EXPECT_EQ(a["content-length"], std::to_string(large.size()));
  EXPECT_TRUE(a.body == large);
  EXPECT_EQ(site.cache->count(), 0u);
}

}  // namespace
}  // namespace sally::handler
