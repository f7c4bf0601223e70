#include "config/toml.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <limits>

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

struct Fault {
  const char* text;
  const char* why;
};

class TomlFaults : public testing::TestWithParam<Fault> {};

TEST_P(TomlFaults, HaveExactMessages) {
  EXPECT_EQ(detail(GetParam().text), std::string("x.toml:") + GetParam().why) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Tables, TomlFaults,
    testing::Values(
        Fault{"a = 1\na = 2", "2: a stands there already, at line 1"},
        Fault{"[t]\nx = 1\n\n[t]", "4: t stands there already, at line 1"},
        Fault{"[[t]]\n[t]", "2: t stands there already, at line 1"},
        Fault{"[t]\n[[t]]", "2: t stands there already, at line 1"},
        Fault{"t = []\n[[t]]", "2: t stands there already, at line 1"},
        Fault{"t = 1\n[t.a]", "2: t is complete since line 1; nothing can be added to it"},
        Fault{"[t]\nx = {}\n[t.x.y]", "3: t.x is complete since line 2; nothing can be added to it"},
        Fault{"x = {a = 1}\nx.b = 2", "2: x is complete since line 1; nothing can be added to it"},
        Fault{"[f]\na.c = 1\n[f.a]", "3: f.a stands there already, at line 2"},
        Fault{"[a.b.c]\n[a]\nb.c.t = 1", "3: b.c is complete since line 1; nothing can be added to it"},
        Fault{"x = {a = 1, a = 2}", "1: a stands there already, at line 1"},
        Fault{"x = {a.b = 1, a.b.c = 2}", "1: a.b is complete since line 1; nothing can be added to it"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, TomlFaults,
    testing::Values(Fault{"a", "1: = is missing after a"}, Fault{"a b = 1", "1: = is missing after a"},
                    Fault{"= 1", "1: a key is missing"}, Fault{"a. = 1", "1: a key is missing"},
                    Fault{"[]", "1: a key is missing"}, Fault{"[\nmany]", "1: a key is missing"},
                    Fault{"[tls", "1: ] is missing"}, Fault{"[[tls]", "1: ]] is missing"},
                    Fault{"\n\u043a = 1", "2: a letter beyond ASCII needs quotes around it"},
                    Fault{"\"\"\"a\"\"\" = 1", "1: a key cannot have several lines"}));

INSTANTIATE_TEST_SUITE_P(
    Values, TomlFaults,
    testing::Values(
        Fault{"a =", "1: a value is missing"}, Fault{"a = # nothing", "1: a value is missing"},
        Fault{"files = /srv/www", "1: \"/srv/www\" is no value; a text needs quotes around it"},
        Fault{"a = tru", "1: \"tru\" is no value; a text needs quotes around it"},
        Fault{"a = 08", "1: \"08\" is no number"}, Fault{"a = 1__0", "1: \"1__0\" is no number"},
        Fault{"a = 1_e5", "1: \"1_e5\" is no number"}, Fault{"a = 1.", "1: \"1.\" is no number"},
        Fault{"a = 1e", "1: \"1e\" is no number"}, Fault{"a = +0x1", "1: \"+0x1\" is no number"},
        Fault{"a = 10s", "1: \"10s\" is no number"}, Fault{"a = 1.2.3", "1: \"1.2.3\" is no number"},
        Fault{"a = 9223372036854775808", "1: \"9223372036854775808\" is no number"},
        Fault{"a = 2026-02-29", "1: \"2026-02-29\" is no number"},
        Fault{"a = 25:00:00", "1: \"25:00:00\" is no number"},
        Fault{"a = 1 b = 2", "1: something stands behind the end of this line's value or header"},
        Fault{"a = 'x'y", "1: something stands behind the end of this line's value or header"},
        Fault{"a = 1\rb = 2", "1: something stands behind the end of this line's value or header"},
        Fault{"a = [1 2]", "1: a comma or ] is missing"}, Fault{"a = [1,\n2", "1: a list without its end, ]"},
        Fault{"a = [,]", "1: a value is missing"}, Fault{"a = {b = 1,}", "1: a key is missing"},
        Fault{"a = {b = 1\n}", "1: a comma or } is missing; { ... } must stand on one line"}));

INSTANTIATE_TEST_SUITE_P(
    Texts, TomlFaults,
    testing::Values(
        Fault{"a = 'x", "1: a text without its end, '"},
        Fault{"\na = \"x\n\"", "2: a text without its end, \""},
        Fault{"a = '''x\n\n", "1: a text without its end, '''"},
        Fault{"a = \"C:\\Dir\"",
              "1: a backslash in \"...\" needs one of b t n f r \" \\ u U behind it; write paths as '...'"},
        Fault{"a = \"\\ud800\"", "1: \\u needs 4 hexadecimal digits of a character"},
        Fault{"a = \"\\U00110000\"", "1: \\U needs 8 hexadecimal digits of a character"},
        Fault{"a = \"\\u12\"", "1: \\u needs 4 hexadecimal digits of a character"},
        Fault{"a = \"\\u12", "1: \\u needs 4 hexadecimal digits of a character"},
        Fault{"a = \"\x01\"", "1: a control character in a text; write it with a backslash"},
        Fault{"# \x7f", "1: a control character in a comment"}));

TEST(Toml, ReadsEveryFormOfAValue) {
  const Result<Node> root = parse_toml(R"(t = ["a\tb\u00e9\U0001F600", 'C:\x', """)"
                                       "\nl1\r\nl2 \\  \n   l3\"\"\"\"\", '''\n'a''''']\r\n"
                                       R"(
n = [0, -0, +7, 1_000, 0xDEAD_beef, 0o17, 0b101, -9223372036854775808, 9223372036854775807]
r = [1.5, -0.25, 6.02e+23, 1E3, 1_0.0_1, inf, -inf]
d = [2026-11-21, 07:32:00, 07:32:00.25, 2024-02-29T07:32:00Z, 2026-11-21 07:32:00-08:00]
b = [true, false,] # a comma at the end
i = { x.y = 1, x.z = [ { } ], "" = 2 }
"a b".'c.d' . e = 1
[[list]]
n = 1
[list.sub]
[[list]]
[list.sub]
[x.y]
[x]
z = 1
[f]
a.b = 1
a.c = 2
[f.a.d]
)",
                                       "x.toml");
  ASSERT_TRUE(root) << root.error().text();
  const auto& t = root->find("t")->items;
  EXPECT_EQ(t.at(0).text, "a\tb\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(t.at(1).text, "C:\\x");
  EXPECT_EQ(t.at(2).text, "l1\nl2 l3\"\"");
  EXPECT_EQ(t.at(3).text, "'a''");
  std::vector<std::int64_t> numbers;
  for (const Node& n : root->find("n")->items) numbers.push_back(n.integer);
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, 0, 7, 1000, 0xdeadbeef, 15, 5, INT64_MIN, INT64_MAX}));
  EXPECT_EQ(root->find("r")->items.at(2).real, 6.02e23);
  EXPECT_EQ(root->find("r")->items.at(4).real, 10.01);
  EXPECT_EQ(root->find("r")->items.at(6).real, -std::numeric_limits<double>::infinity());
  for (const Node& d : root->find("d")->items) EXPECT_EQ(d.kind, Node::Kind::date) << d.shown();
  EXPECT_EQ(root->find("d")->items.at(4).text, "2026-11-21 07:32:00-08:00");
  EXPECT_EQ(root->find("b")->items.size(), 2U);
  EXPECT_EQ(root->find("i")->find("x")->members.size(), 2U);
  EXPECT_EQ(root->find("a b")->find("c.d")->find("e")->integer, 1);
  ASSERT_EQ(root->find("list")->items.size(), 2U);
  EXPECT_NE(root->find("list")->items[1].find("sub"), nullptr);
  EXPECT_EQ(root->find("x")->find("z")->place.line, root->find("x")->place.line + 1)
      << "[x] itself, not [x.y]";
  EXPECT_EQ(root->find("f")->find("a")->members.size(), 3U);
}

TEST(Toml, LimitsLengthAndDepth) {
  EXPECT_EQ(detail(std::string(kFileLimitBytes + 1, '\n')),
            "x.toml: longer than 1048576 bytes, the limit for a configuration");
  EXPECT_EQ(detail(std::string(kFileLimitBytes, '\n')), "parsed");
  EXPECT_EQ(detail("a.b.c.d.e.f.g.h = 1"), "parsed");
  EXPECT_EQ(detail("\na.b.c.d.e.f.g.h.i = 1"), "x.toml:2: a key of more than 8 names");
  EXPECT_EQ(detail("[a . b . c . d . e . f . g . h . i]"), "x.toml:1: a key of more than 8 names");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a.";
  EXPECT_EQ(detail("[" + deep + "a]"), "x.toml:1: a key of more than 8 names");
  EXPECT_EQ(detail("a = " + std::string(100'000, '[')), "x.toml:1: lists and tables nested deeper than 16");
  EXPECT_EQ(detail("a = " + std::string(16, '[') + std::string(16, ']')), "parsed");
  std::string inlined = "a = ";
  for (int i = 0; i < 10'000; ++i) inlined += "{a=";
  EXPECT_EQ(detail(inlined), "x.toml:1: lists and tables nested deeper than 16");
}

TEST(Toml, LimitsEntries) {
  std::string many, items = "a = [";
  for (std::size_t i = 0; i <= kMembersLimit; ++i) {
    many += "k" + std::to_string(i) + "=1\n";
    items += "1,";
  }
  EXPECT_EQ(detail(many), "x.toml:10001: more than 10000 entries in one place");
  EXPECT_EQ(detail(items + "]"), "x.toml:1: more than 10000 entries in one place");
}

TEST(Toml, WantsUtf8) {
  EXPECT_EQ(detail("\"\u043a\" = \"\u043a\" # \u043a\n"), "parsed");
  EXPECT_EQ(detail("\ufeff# begins with a byte order mark\na = 1\n"), "parsed");
  for (const std::string_view bad : {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                                     "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80"})
    EXPECT_EQ(detail("\n# " + std::string(bad)), "x.toml:2: a byte that is no UTF-8 text");
  EXPECT_EQ(detail(std::string_view("a = 1\0", 6)), "x.toml:1: a byte that is no UTF-8 text");
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
