#include "handler/encoder.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "handler/test_site.h"

namespace sally::handler {
namespace {

std::string gunzip(const std::string& in) {
  z_stream z{};
  ::inflateInit2(&z, 31);
  std::string out(4'000'000, '\0');
  z.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(in.data()));
  z.avail_in = static_cast<unsigned>(in.size());
  z.next_out = reinterpret_cast<unsigned char*>(out.data());
  z.avail_out = static_cast<unsigned>(out.size());
  const int ended = ::inflate(&z, Z_FINISH);
  out.resize(z.total_out);
  ::inflateEnd(&z);
  return ended == Z_STREAM_END ? out : "broken";
}

std::string unzstd(const std::string& in) {
  ZSTD_DCtx* const z = ::ZSTD_createDCtx();
  std::string out(4'000'000, '\0');
  ZSTD_inBuffer from{in.data(), in.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  std::size_t left = 1;
  while (left != 0 && !::ZSTD_isError(left) && from.pos < from.size)
    left = ::ZSTD_decompressStream(z, &to, &from);
  out.resize(to.pos);
  ::ZSTD_freeDCtx(z);
  return left == 0 ? out : "broken";
}

std::string text_of(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size; ++i)
    out += "line " + std::to_string(i * 7919) + " of the text\n";
  out.resize(size);
  return out;
}

TEST(Encoder, WhatIsMadeCanBeReadAgain) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{100}, std::size_t{70'000}, std::size_t{3'000'000}}) {
    const std::string text = text_of(size);
    EXPECT_TRUE(gunzip(encode(Coding::gzip, text).value()) == text) << size;
    EXPECT_TRUE(unzstd(encode(Coding::zstd, text).value()) == text) << size;
    const std::string br = encode(Coding::br, text).value();
    EXPECT_LE(br.size(), size / 2 + 16);
  }
}

/// Too large for the cache: compressed while it is sent.
TEST(CompressedBody, ALargeFileIsCompressedOnItsWay) {
  TestSite site;
  site.config.cache_file_bytes = 1000;
  const std::string text = text_of(2'000'000);
  site.folder.write("large.txt", text);
  for (const std::size_t want : {std::size_t{100}, std::size_t{16'384}}) {
    const TestAnswer gzip = site.ask("GET", "/large.txt", {{"accept-encoding", "gzip"}}, want);
    EXPECT_EQ(gzip["content-encoding"], "gzip");
    EXPECT_FALSE(gzip.has("content-length"));
    EXPECT_EQ(gzip.length, std::nullopt);
    EXPECT_EQ(gzip.error, "");
    EXPECT_TRUE(gunzip(gzip.body) == text);
    EXPECT_TRUE(unzstd(site.ask("GET", "/large.txt", {{"accept-encoding", "gzip, zstd"}}, want).body) ==
                text);
  }
  EXPECT_EQ(site.cache->compressing(), 0u);
  EXPECT_EQ(site.ask("HEAD", "/large.txt", {{"accept-encoding", "gzip"}})["content-encoding"], "gzip");
  EXPECT_EQ(site.get("/large.txt", {{"accept-encoding", "gzip"}, {"range", "bytes=0-3"}}).body, "line");
  EXPECT_NE(site.get("/large.txt")["etag"],
            site.ask("HEAD", "/large.txt", {{"accept-encoding", "gzip"}})["etag"]);
}

TEST(CompressedBody, NoMoreAtOnceThanAllowed) {
  TestSite site;
  site.config.cache_file_bytes = 1000;
  site.config.compress_streams = 1;
  site.folder.write("large.txt", text_of(300'000));
  TestRequest first(site.loop(), site.handler());
  TestSite::fill(first.x, "GET", "/large.txt", {{"accept-encoding", "gzip"}});
  first.ask();
  ASSERT_TRUE(first.next(10));
  EXPECT_FALSE(site.get("/large.txt", {{"accept-encoding", "gzip"}}).has("content-encoding"));
  while (first.next(100'000)) continue;
  first.x.recycle();
  EXPECT_TRUE(site.get("/large.txt", {{"accept-encoding", "gzip"}}).has("content-encoding"));
}

TEST(CompressedBody, AFileThatShrinksIsAnError) {
  TestSite site;
  site.config.cache_file_bytes = 1000;
  site.folder.write("large.txt", text_of(5'000'000));
  TestRequest request(site.loop(), site.handler());
  TestSite::fill(request.x, "GET", "/large.txt", {{"accept-encoding", "gzip"}});
  request.ask();
  ASSERT_TRUE(request.next(10));
  ASSERT_EQ(::truncate((site.folder / "large.txt").c_str(), 100), 0);
  while (request.next(100'000)) continue;
  EXPECT_EQ(request.error, "files.shrank");
}

TEST(CompressedBody, LargeSiblingsAreSentFromDisk) {
  TestSite site;
  site.config.cache_file_bytes = 1000;
  site.folder.write("large.txt", text_of(5000));
  site.folder.write("large.txt.zst", std::string(2000, 'z'));
  const TestAnswer a = site.get("/large.txt", {{"accept-encoding", "zstd, gzip"}});
  EXPECT_EQ(a["content-encoding"], "zstd");
  EXPECT_EQ(a["content-length"], "2000");
  EXPECT_EQ(a["content-type"], "text/plain; charset=utf-8");
  EXPECT_EQ(a.body, std::string(2000, 'z'));
}

TEST(CompressedBody, NotForHttp10WhichCouldNotTellABrokenOne) {
  TestSite site;
  site.config.cache_file_bytes = 1000;
  site.folder.write("large.txt", text_of(5000));
  TestRequest request(site.loop(), site.handler());
  TestSite::fill(request.x, "GET", "/large.txt", {{"accept-encoding", "gzip"}});
  request.x.request.version = http::Version::http1_0;
  request.ask();
  EXPECT_EQ(request.x.response.body.length(), 5000u);
}

}  // namespace
}  // namespace sally::handler
