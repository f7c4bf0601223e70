#include "handler/file_body.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "handler/test_site.h"

namespace sally::handler {
namespace {

std::string numbers(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size; ++i) out += std::to_string(i) + ",";
  out.resize(size);
  return out;
}

TEST(FileBody, ALargeFileArrivesWholeWhateverThePieces) {
  TestSite site;
  const std::string large = numbers(1'000'003);
  site.folder.write("large.bin", large);
  for (const std::size_t want : {std::size_t{777}, std::size_t{16'384}, std::size_t{10'000'000}}) {
    const TestAnswer a = site.ask("GET", "/large.bin", {}, want);
    EXPECT_EQ(a.status, 200);
    EXPECT_EQ(a.length, large.size());
    EXPECT_TRUE(a.body == large);
    EXPECT_EQ(a.error, "");
  }
  EXPECT_EQ(site.cache->count(), 0u);
}

TEST(FileBody, AShrinkingFileIsAnErrorAndNoShortSuccess) {
  TestSite site;
  site.folder.write("large.bin", numbers(1'000'000));
  TestRequest request(site.loop(), site.handler());
  TestSite::fill(request.x, "GET", "/large.bin", {});
  request.ask();
  ASSERT_EQ(request.x.response.status, 200);
  ASSERT_TRUE(request.next(50'000));
  ASSERT_EQ(::truncate((site.folder / "large.bin").c_str(), 60'000), 0);
  std::size_t rest = 50'000;
  while (const auto piece = request.next(50'000)) rest += piece->size();
  EXPECT_LT(rest, 1'000'000u);
  EXPECT_EQ(request.error, "files.shrank");
}

TEST(FileBody, AReplacedFileIsSentAsItWas) {
  TestSite site;
  const std::string before(500'000, 'a');
  site.folder.write("large.bin", before);
  TestRequest request(site.loop(), site.handler());
  TestSite::fill(request.x, "GET", "/large.bin", {});
  request.ask();
  std::string got = request.next(1000).value();
  site.folder.write("next", std::string(500'000, 'b'));
  std::filesystem::rename(site.folder / "next", site.folder / "large.bin");
  while (const auto piece = request.next(100'000)) got += *piece;
  EXPECT_TRUE(got == before);
}

TEST(FileBody, BehindFourGigabytes) {
  TestSite site;
  constexpr std::uint64_t kSize = std::uint64_t{5} << 30;
  site.folder.write("huge.bin", "begin");
  ASSERT_EQ(::truncate((site.folder / "huge.bin").c_str(), static_cast<off_t>(kSize)), 0);
  {
    std::fstream file(site.folder / "huge.bin", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(kSize - 3));
    file << "end";
  }
  EXPECT_EQ(site.ask("HEAD", "/huge.bin")["content-length"], "5368709120");
  const TestAnswer tail = site.get("/huge.bin", {{"range", "bytes=-3"}});
  EXPECT_EQ(tail.body, "end");
  EXPECT_EQ(tail["content-range"], "bytes 5368709117-5368709119/5368709120");
  EXPECT_EQ(site.get("/huge.bin", {{"range", "bytes=4294967295-4294967297"}}).body, std::string(3, '\0'));
  const TestAnswer both = site.get("/huge.bin", {{"range", "bytes=0-4,5368709117-"}});
  EXPECT_NE(both.body.find("begin"), std::string::npos);
  EXPECT_NE(both.body.find("end\r\n--"), std::string::npos);
}

TEST(FileBody, AClientThatWaitsOwnsNoBuffer) {
  TestSite site;
  site.folder.write("large.bin", numbers(2'000'000));
  std::vector<std::unique_ptr<TestRequest>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<TestRequest>(site.loop(), site.handler()));
    TestSite::fill(slow.back()->x, "GET", "/large.bin", {});
    slow.back()->ask();
    const Result<http::BodyView> shown = slow.back()->x.response.body.view(30'000);
    ASSERT_TRUE(shown);
    slow.back()->x.response.body.consume(std::min<std::size_t>(10'000, shown->bytes.size()));
  }
  while (site.cache->chunks().lent() != 0) site.loop().turn(Duration::zero());
  const std::string expected = numbers(2'000'000).substr(10'000, 20'000);
  for (const auto& request : slow) {
    std::string got;
    while (got.size() < expected.size()) got += request->next(expected.size() - got.size()).value();
    EXPECT_TRUE(got == expected);
  }
}

}  // namespace
}  // namespace sally::handler
