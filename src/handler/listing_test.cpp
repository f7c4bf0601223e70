#include "handler/listing.h"

#include <gtest/gtest.h>

#include "handler/test_site.h"

namespace sally::handler {
namespace {

class Listing : public testing::Test {
 protected:
  Listing() {
    site.config.listing = true;
    site.folder.write("d/file10.txt", "0123456789");
    site.folder.write("d/file9.txt", std::string(2048, 'x'));
    site.folder.write("d/<script>alert(1)<\\script>", "");
    site.folder.write("d/<b>&\"'.txt", "x");
    site.folder.write("d/.hidden", "x");
    site.folder.write("d/sub/x", "x");
    site.folder.date("d/file9.txt", 784111777);
    std::filesystem::create_symlink("/etc/passwd", site.folder / "d/outside");
    std::filesystem::create_symlink("file9.txt", site.folder / "d/inside");
  }
  static std::size_t at(const TestAnswer& a, std::string_view text) {
    EXPECT_NE(a.body.find(text), a.body.npos) << text;
    return a.body.find(text);
  }
  TestSite site;
};

TEST_F(Listing, ShowsWhatTheSiteWouldGiveOutAndNothingElse) {
  const TestAnswer a = site.get("/d/", {{"accept", "text/html"}});
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a["content-type"], "text/html; charset=utf-8");
  EXPECT_LT(at(a, "sub/</a>"), at(a, ">file9.txt<"));
  EXPECT_LT(at(a, ">file9.txt<"), at(a, ">file10.txt<"));
  at(a, "2.0 KiB");
  at(a, "1994-11-06 08:49");
  at(a, ">inside<");
  at(a, "href=\"./%3Cb%3E%26%22%27.txt\"");
  at(a, "&lt;b&gt;&amp;&quot;&#39;.txt");
  EXPECT_EQ(a.body.find("<b>"), a.body.npos);
  EXPECT_EQ(a.body.find("<script"), a.body.npos);
  for (const char* hidden : {".hidden", "outside", "alert"})
    EXPECT_EQ(a.body.find(hidden), a.body.npos) << hidden;
}

TEST_F(Listing, SortedAsAsked) {
  const TestAnswer size = site.get("/d/?sort=size&order=desc");
  EXPECT_LT(at(size, ">file9.txt<"), at(size, ">file10.txt<"));
  const TestAnswer date = site.get("/d/?sort=date");
  EXPECT_LT(at(date, ">file9.txt<"), at(date, ">file10.txt<"));
  const TestAnswer name = site.get("/d/?order=desc");
  EXPECT_LT(at(name, ">file10.txt<"), at(name, ">file9.txt<"));
}

TEST_F(Listing, JsonForPrograms) {
  const TestAnswer a = site.get("/d/", {{"accept", "application/json"}});
  EXPECT_EQ(a["content-type"], "application/json");
  EXPECT_EQ(a["vary"], "accept");
  at(a, R"({"name": "file9.txt", "type": "file", "size": 2048, "modified": "1994-11-06T08:49:37Z"})");
  at(a, R"({"name": "sub", "type": "folder")");
  at(a, R"("name": "<b>&\"'.txt")");
}

TEST_F(Listing, IsBounded) {
  site.config.listing_entries = 2;
  const TestAnswer a = site.get("/d/", {{"accept", "application/json"}});
  std::size_t names = 0;
  for (std::size_t i = a.body.find("\"name\""); i != a.body.npos; i = a.body.find("\"name\"", i + 1)) ++names;
  EXPECT_EQ(names, 2u);
  at(site.get("/d/"), "more that are not shown");
}

TEST_F(Listing, AnIndexComesFirstAndOffMeans404) {
  site.folder.write("with/index.html", "index");
  EXPECT_EQ(site.get("/with/").body, "index");
  TestSite off;
  off.folder.write("d/x", "x");
  EXPECT_EQ(off.get("/d/").status, 404);
}

}  // namespace
}  // namespace sally::handler
