#include "config/toml.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace sally::config {
namespace {

std::string detail(std::string_view text) {
  const Result<Node> node = parse_toml(text, "x.toml");
  if (node) return "parsed";
  EXPECT_TRUE(node.error().is(kSyntax));
  return std::string(node.error().detail());
}

TEST(Toml, KeepsKindsPlacesAndTheOrderOfTheFile) {
  const Result<Node> root = parse_toml(
      "zebra = true\n"
      "count = 1_000\n"
      "\n"
      "[site.\"b.example\"]\n"
      "files = '/b'\n"
      "\n"
      "[site.\"a.example\"]\n"
      "files = [\n  'x',\n  'y',\n]\n"
      "half = 0.5\n"
      "day = 2026-11-21\n",
      "x.toml");
  ASSERT_TRUE(root) << root.error().text();
  ASSERT_EQ(root->members.size(), 3U);
  EXPECT_EQ(root->members[0].name, "zebra");
  EXPECT_EQ(root->members[0].value.kind, Node::Kind::boolean);
  EXPECT_EQ(root->find("count")->integer, 1000);
  EXPECT_EQ(root->find("count")->place.text(), "x.toml:2");
  const Node* site = root->find("site");
  ASSERT_EQ(site->members.size(), 2U);
  EXPECT_EQ(site->members[0].name, "b.example");
  EXPECT_EQ(site->members[0].value.place.line, 4U);
  const Node& a = site->members[1].value;
  EXPECT_EQ(a.find("files")->items.at(1).text, "y");
  EXPECT_EQ(a.find("files")->items.at(1).place.line, 10U);
  EXPECT_EQ(a.find("half")->kind, Node::Kind::real);
  EXPECT_EQ(a.find("day")->shown(), "2026-11-21");
}

TEST(Toml, SaysWhereItStopped) {
  EXPECT_TRUE(detail("a = 1\nb = \n").starts_with("x.toml:2: ")) << detail("a = 1\nb = \n");
  EXPECT_TRUE(detail("[tls\n").starts_with("x.toml:1: ")) << detail("[tls\n");
  EXPECT_TRUE(detail("a = \"open\n").starts_with("x.toml:1: "));
  EXPECT_TRUE(detail("a = \"\xff\"\n").starts_with("x.toml:1: "));
}

TEST(Toml, RefusesAKeyTwice) {
  EXPECT_TRUE(detail("a = 1\nc = 3\na = 2\n").starts_with("x.toml:3: ")) << detail("a = 1\nc = 3\na = 2\n");
  EXPECT_TRUE(detail("[t]\na = 1\n[t]\nb = 2\n").starts_with("x.toml:3: "));
}

TEST(Toml, LimitsLengthAndDepth) {
  EXPECT_EQ(detail(std::string(kFileLimitBytes + 1, '\n')),
            "x.toml: longer than 1048576 bytes, the limit for a configuration");
  EXPECT_EQ(detail(std::string(kFileLimitBytes, '\n')), "parsed");
  EXPECT_EQ(detail("a.b.c.d.e.f.g.h = 1"), "parsed");
  EXPECT_EQ(detail("\na.b.c.d.e.f.g.h.i = 1"), "x.toml:2: a key of more than 8 names");
  EXPECT_EQ(detail("[a . b . c . d . e . f . g . h . i]"), "x.toml:1: a key of more than 8 names");
  EXPECT_EQ(detail("[\"a\".\"b\".\"c\".\"d\".\"e\".\"f\".\"g\".\"h\".\"i\"]"),
            "x.toml:1: a key of more than 8 names");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a.";
  EXPECT_EQ(detail("[" + deep + "a]"), "x.toml:1: a key of more than 8 names");
  EXPECT_TRUE(detail("a = " + std::string(100'000, '[')).starts_with("x.toml:1: "));
  std::string inlined = "a = ";
  for (int i = 0; i < 10'000; ++i) inlined += "{a=";
  EXPECT_TRUE(detail(inlined).starts_with("x.toml:1: "));
}

TEST(Toml, CountsNoDotsInStringsAndComments) {
  EXPECT_EQ(detail("# a.b.c.d.e.f.g.h.i.j\na = \"a.b.c.d.e.f.g.h.i.j\" # x.x.x.x.x.x.x.x.x\n"), "parsed");
  EXPECT_EQ(detail("a = '''\na.b.c.d.e.f.g.h.i.j\n''''' # five quotes: the last two belong to the text\n"),
            "parsed");
  EXPECT_EQ(detail("a = \"\"\"\\\"\"\"\n\"\"\"\nb = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]\n"),
            "parsed");
  EXPECT_EQ(detail("a = \"\"\"x\"\"\"\"\n[a.b.c.d.e.f.g.h.i]\n"), "x.toml:2: a key of more than 8 names");
}

TEST(Toml, SaysWhyInWords) {
  EXPECT_EQ(detail("a = 1\na = 2"), "x.toml:2: key-value pair: cannot redefine existing integer 'a'");
  EXPECT_EQ(detail("files = /srv/www"),
            "x.toml:1: value: could not determine value type; a text needs quotes around it");
  EXPECT_EQ(detail("a = tru\n"), "x.toml:1: boolean: expected 'true', saw 'tru '");
}

TEST(Toml, RefusesLettersBeyondAsciiOutsideOfQuotes) {
  EXPECT_EQ(detail("\n\u043a = 1"), "x.toml:2: a letter beyond ASCII needs quotes around it");
  EXPECT_EQ(detail("a = 1\u00e9"), "x.toml:1: a letter beyond ASCII needs quotes around it");
  EXPECT_EQ(detail("a = 1 \u00a0"), "x.toml:1: a letter beyond ASCII needs quotes around it");
  EXPECT_EQ(detail("\"\u043a\" = \"\u043a\" # \u043a\n"), "parsed");
  EXPECT_EQ(detail("\ufeff# begins with a byte order mark\na = 1\n"), "parsed");
}

TEST(ReadToml, NamesFileAndCause) {
  const Result<Node> missing = read_toml("no/such.toml");
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().is(kUnreadable));
  EXPECT_EQ(missing.error().detail(), "no/such.toml: No such file or directory");
  const Result<Node> folder = read_toml("/");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().detail(), "/: Is a directory");
}

TEST(ReadToml, ReadsAFile) {
  const auto path =
      std::filesystem::temp_directory_path() / ("sally_toml_test_" + std::to_string(::getpid()));
  std::ofstream(path) << "a = 1\n";
  const Result<Node> root = read_toml(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(root) << root.error().text();
  EXPECT_EQ(root->find("a")->integer, 1);
  EXPECT_EQ(root->find("a")->place.text(), path.string() + ":1");
}

}  // namespace
}  // namespace sally::config
