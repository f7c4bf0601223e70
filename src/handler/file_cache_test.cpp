#include "handler/file_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "handler/encoder.h"
#include "handler/test_site.h"

namespace sally::handler {
namespace {

using std::filesystem::remove;
using std::filesystem::rename;

TEST(FileCache, EveryKindOfChangeIsSeenByTheNextRequest) {
  TestSite site;
  const auto body = [&] { return site.get("/d/a.txt").body; };
  site.folder.write("d/a.txt", "one");
  EXPECT_EQ(body(), "one");
  EXPECT_TRUE(site.get("/d/a.txt").at_once);

  site.folder.write("d/a.txt", "two");  // as long, perhaps in the same tick of the file system's clock
  EXPECT_EQ(body(), "two");

  site.folder.write("b.txt", "new");
  rename(site.folder / "b.txt", site.folder / "d/a.txt");
  EXPECT_EQ(body(), "new");

  site.folder.write("e/a.txt", "other folder");
  rename(site.folder / "d", site.folder / "old");
  rename(site.folder / "e", site.folder / "d");
  EXPECT_EQ(body(), "other folder");

  std::filesystem::create_directory_symlink("old", site.folder / "link");
  rename(site.folder / "d", site.folder / "gone");
  rename(site.folder / "link", site.folder / "d");
  EXPECT_EQ(body(), "new");
  site.folder.write("old/a.txt", "through a link");
  EXPECT_EQ(body(), "through a link");

  remove(site.folder / "old/a.txt");
  EXPECT_EQ(site.get("/d/a.txt").status, 404);
}

TEST(FileCache, AFolderThatGetsOtherRightsIsLookedAtAnew) {
  TestSite site;
  for (const char* name : {"d/a.txt", "d/a.txt.br", "d/a.txt.gz", "d/b.txt"}) site.folder.write(name, "text");
  for (const char* path : {"/d/a.txt", "/d/b.txt", "/d/a.txt"}) EXPECT_EQ(site.get(path).body, "text");
  std::filesystem::permissions(site.folder / "d", std::filesystem::perms::owner_all);
  site.loop().turn(Duration::zero());
  EXPECT_EQ(site.cache->count(), 0u);
  EXPECT_EQ(site.get("/d/a.txt").body, "text");
}

TEST(FileCache, AWriteThroughASecondNameIsSeen) {
  TestSite site;
  TestFolder elsewhere;
  elsewhere.write("x", "one");
  std::filesystem::create_hard_link(elsewhere / "x", site.folder / "a.txt");
  EXPECT_EQ(site.get("/a.txt").body, "one");
  elsewhere.write("x", "twice");
  EXPECT_EQ(site.get("/a.txt").body, "twice");
}

/// In a process of its own, because it gives up root, who may read everything.
TEST(FileCacheDeathTest, AFileThatBecomesUnreadableIsNotServedOn) {
  using std::filesystem::perms;
  TestSite site(0);
  site.folder.write("a.txt", "one");
  std::filesystem::permissions(site.folder.path(), perms::all);
  const std::string file = site.folder / "a.txt";
  const auto ask_before_and_after = [&] {
    if (::geteuid() == 0 && ::chown(file.c_str(), 65534, 65534) + ::setgid(65534) + ::setuid(65534) != 0)
      ::_exit(2);
    const bool before = site.get("/a.txt").body == "one" && site.get("/a.txt").at_once;
    std::filesystem::permissions(file, perms::none);
    const bool after = site.get("/a.txt").status == 403;
    ::_exit(before && after ? 0 : 1);
  };
  EXPECT_EXIT(ask_before_and_after(), testing::ExitedWithCode(0), "");
}

TEST(FileCache, ASiblingThatComesOrGoesIsSeen) {
  TestSite site;
  site.config.compress = false;
  const TestSite::FieldList br = {{"accept-encoding", "br"}};
  site.folder.write("a.txt", "plain");
  EXPECT_EQ(site.get("/a.txt", br).body, "plain");
  EXPECT_FALSE(site.get("/a.txt", br).has("vary"));
  site.folder.write("a.txt.br", "coded");
  TestAnswer a = site.get("/a.txt", br);
  EXPECT_EQ(a.body, "coded");
  EXPECT_EQ(a["content-encoding"], "br");
  EXPECT_EQ(a["content-type"], "text/plain; charset=utf-8");
  EXPECT_EQ(a["vary"], "accept-encoding");
  EXPECT_TRUE(site.get("/a.txt", br).at_once);
  EXPECT_EQ(site.get("/a.txt").body, "plain");
  EXPECT_EQ(site.get("/a.txt")["vary"], "accept-encoding");
  EXPECT_NE(site.get("/a.txt")["etag"], a["etag"]);
  remove(site.folder / "a.txt.br");
  EXPECT_EQ(site.get("/a.txt", br).body, "plain");
}

TEST(FileCache, ASiblingOlderThanTheFileIsPassedOver) {
  TestSite site;
  site.folder.write("a.txt.gz", "old");
  site.folder.write("a.txt", "new");
  site.folder.date("a.txt.gz", 1'000'000);
  EXPECT_EQ(site.get("/a.txt", {{"accept-encoding", "gzip"}}).body, "new");
  site.folder.date("a.txt", 1'000'001);  // copied one after the other
  EXPECT_EQ(site.get("/a.txt", {{"accept-encoding", "gzip"}}).body, "old");
}

TEST(FileCache, WhatIsInUseStaysWhenTheCacheIsFull) {
  TestSite site;
  site.config.cache_bytes = 100'000;
  for (int i = 0; i < 30; ++i) site.folder.write(std::to_string(i) + ".bin", std::string(10'000, 'x'));
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(site.get("/" + std::to_string(i) + ".bin").body.size(), 10'000u);
    EXPECT_EQ(site.get("/0.bin").body.size(), 10'000u);
    EXPECT_LE(site.cache->bytes(), 100'000u);
  }
  EXPECT_TRUE(site.get("/0.bin").at_once);
  EXPECT_FALSE(site.get("/5.bin").at_once);
}

TEST(FileCache, WithoutACacheFilesAreSentAllTheSame) {
  TestSite site;
  site.config.cache_bytes = 0;
  site.folder.write("a.txt", "text");
  site.folder.write("empty", "");
  EXPECT_EQ(site.get("/a.txt").body, "text");
  EXPECT_FALSE(site.get("/a.txt").at_once);
  EXPECT_EQ(site.get("/empty").status, 200);
  EXPECT_EQ(site.cache->count(), 0u);
}

TEST(FileCache, OneCacheKeepsTwoSitesApart) {
  TestSite one;
  TestFolder other;
  one.folder.write("a.txt", "one");
  other.write("a.txt", "two");
  FilesConfig config;
  config.root = other.path();
  const auto second = Files::make(config, *one.cache).value();
  const auto ask = [&](http::Handler& handler) {
    TestRequest request(one.loop(), handler);
    TestSite::fill(request.x, "GET", "/a.txt", {});
    request.ask();
    return request.next(100).value();
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(ask(one.handler()), "one");
    EXPECT_EQ(ask(*second), "two");
  }
  EXPECT_EQ(one.cache->count(), 2u);
}

TEST(FileCache, AnAnswerOnItsWayOutlivesTheEntry) {
  TestSite site;
  site.folder.write("a.txt", "the text of before");
  site.get("/a.txt");
  TestRequest request(site.loop(), site.handler());
  TestSite::fill(request.x, "GET", "/a.txt", {});
  ASSERT_TRUE(request.ask());
  EXPECT_EQ(request.next(4), "the ");
  site.folder.write("a.txt", "short");
  EXPECT_EQ(site.get("/a.txt").body, "short");
  EXPECT_EQ(request.next(100), "text of before");
}

/// A writer changes the file all the time; whatever is read meanwhile, the last state is served in the end.
TEST(FileCache, AReadDuringAChangeLeavesNothingStale) {
  TestSite site;
  for (int i = 0; i < 60; ++i) {
    site.folder.write("a.txt", "begin");
    TestRequest request(site.loop(), site.handler());
    TestSite::fill(request.x, "GET", "/a.txt", {});
    std::jthread writer([&] {
      site.folder.write("a.txt", "middl");
      site.folder.write("next", "after");
      rename(site.folder / "next", site.folder / "a.txt");
    });
    request.ask();
    writer.join();
    EXPECT_EQ(site.get("/a.txt").body, "after");
  }
}

TEST(FileCache, OnTheFlyCompressionIsDoneOnceAndKept) {
  TestSite site;
  std::string text;
  while (text.size() < 20'000) text += "All that is gold does not glitter. ";
  site.folder.write("a.txt", text);
  const std::string plain_etag = site.get("/a.txt")["etag"];
  std::vector<std::string> etags = {plain_etag};
  for (const std::string coding : {"zstd", "br", "gzip"}) {
    const TestAnswer first = site.get("/a.txt", {{"accept-encoding", coding}});
    EXPECT_EQ(first["content-encoding"], coding);
    EXPECT_EQ(first["vary"], "accept-encoding");
    EXPECT_LT(first.body.size(), text.size() / 10);
    EXPECT_EQ(first["content-length"], std::to_string(first.body.size()));
    EXPECT_FALSE(first.has("accept-ranges"));
    const TestAnswer second = site.get("/a.txt", {{"accept-encoding", coding}});
    EXPECT_TRUE(second.at_once);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(std::ranges::count(etags, first["etag"]), 0);
    etags.push_back(first["etag"]);
    EXPECT_EQ(site.get("/a.txt", {{"accept-encoding", coding}, {"if-none-match", first["etag"]}}).status,
              304);
  }
  // the browsers' line: what is cheapest to make
  EXPECT_EQ(site.get("/a.txt", {{"accept-encoding", "gzip, deflate, br, zstd"}})["content-encoding"], "zstd");
  EXPECT_EQ(site.get("/a.txt", {{"accept-encoding", "zstd"}, {"range", "bytes=0-2"}}).body, "All");
  EXPECT_EQ(site.get("/a.txt", {{"accept-encoding", "identity;q=0, br"}})["content-encoding"], "br");
  EXPECT_EQ(site.get("/a.txt", {{"accept-encoding", "*;q=0"}}).status, 406);
}

TEST(FileCache, WhatCompressionDoesNotHelpIsSentAsItIs) {
  TestSite site;
  site.folder.write("small.txt", "short");
  site.folder.write("a.png", std::string(5000, 'x'));
  std::string noise;
  std::uint64_t state = 1;
  for (int i = 0; i < 5000; ++i)
    noise += static_cast<char>((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
  site.folder.write("noise.txt", noise);
  for (const char* path : {"/small.txt", "/a.png", "/noise.txt"}) {
    EXPECT_FALSE(site.get(path, {{"accept-encoding", "gzip"}}).has("content-encoding")) << path;
    EXPECT_TRUE(site.get(path, {{"accept-encoding", "gzip"}}).at_once) << path;
  }
  EXPECT_TRUE(site.get("/noise.txt", {{"accept-encoding", "gzip"}}).body == noise);
}

}  // namespace
}  // namespace sally::handler
