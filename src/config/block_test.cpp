#include "config/block.h"

#include <gtest/gtest.h>

#include "config/toml.h"

namespace sally::config {
namespace {

using namespace std::chrono_literals;

enum class Colour : std::uint8_t { red, green };

struct Paint {
  Colour colour = Colour::red;
  std::size_t tin_bytes = 4096;

  static const Block<Paint>& block() {
    static const Block<Paint> kBlock =
        Block<Paint>("What to paint with.")
            .key("colour", &Paint::colour, Words<Colour>{{{"red", Colour::red}, {"green", Colour::green}}},
                 "Its colour.")
            .key("tin_bytes", &Paint::tin_bytes, Size{1024, 1024 * 1024, "bottomless"}, "How much is in it.")
            .shorthand("colour");
    return kBlock;
  }
};

struct Door {
  std::string name;
  Paint paint;

  static const Block<Door>& block() {
    static const Block<Door> kBlock = Block<Door>("A door.").block("paint", &Door::paint, Paint::block());
    return kBlock;
  }
};

struct House {
  bool lit = false;
  std::uint32_t rooms = 3;
  std::chrono::milliseconds wait = 10s;
  std::chrono::seconds age = 24h;
  Rate visits = {10, 2};
  std::string motto = "home";
  std::filesystem::path cellar;
  std::vector<std::string> people = {"Ann"};
  std::vector<std::string> more = {"first"};
  std::map<std::uint16_t, std::string> bells;
  std::optional<std::string> ghost;
  Paint paint;
  std::optional<Paint> fence;
  std::vector<Door> doors;

  static const Block<House>& block() {
    static const Block<House> kBlock =
        Block<House>("A house.")
            .key("lit", &House::lit, Switch{}, "Whether a lamp is on.")
            .key("rooms", &House::rooms, Count{1, 20}, "How many rooms.", "RFC 1")
            .key("wait", &House::wait, Time{1s, 2min}, "Until the door opens.")
            .key("age", &House::age, Time{0s, std::chrono::days(365)}, "Since it was built.")
            .key("visits", &House::visits, Frequency{100}, "Visits.")
            .key("motto", &House::motto,
                 Text{[](std::string_view t) { return std::string(t == "x" ? "is too short" : ""); }},
                 "Above the door.")
            .key("cellar", &House::cellar, Path{}, "Below.")
            .key("people", &House::people, List<Text>{{}, 1, 3}, "Who lives here.")
            .key("more", &House::more, List<Text>{{}, 0, 3, true}, "Who else.")
            .key("bells", &House::bells, Map<Count, Text>{{400, 599}, {}}, "Bells.")
            .key("ghost", &House::ghost, Text{}, "If any.")
            .block("paint", &House::paint, Paint::block())
            .block("fence", &House::fence, Paint::block())
            .named("door", &House::doors, Door::block(), [](const House& house, std::string_view name) {
              return Door{std::string(name), house.paint};
            });
    return kBlock;
  }
};

Result<House> house(std::string_view text) {
  TRY(const Node node, parse_toml(text, "h.toml"));
  return parse(node, House::block(), "/etc/house");
}

/// What is wrong with the text, one line each.
std::string faults(std::string_view text) {
  const Result<House> h = house(text);
  if (h) return "";
  EXPECT_TRUE(h.error().is(kInvalid)) << h.error().text();
  return std::string(h.error().detail());
}

TEST(Block, EmptyMeansDefaults) {
  const Result<House> h = house("");
  ASSERT_TRUE(h);
  EXPECT_EQ(h->rooms, 3U);
  EXPECT_EQ(h->wait, 10s);
  EXPECT_EQ(h->people, std::vector<std::string>{"Ann"});
  EXPECT_FALSE(h->ghost);
  EXPECT_FALSE(h->fence);
}

TEST(Block, ReadsEveryKind) {
  const Result<House> h = house(R"(
lit = true
rooms = 20
wait = "250ms"
)");
  ASSERT_FALSE(h);
  EXPECT_EQ(h.error().detail(), "h.toml:4: wait: \"250ms\" is outside 1s..2m");
  const Result<House> good = house(R"(
lit = true
rooms = 0x14
wait = 90
age = "7d"
visits = "5 + 1/s"
motto = ""
cellar = "../wine"
people = "Bob"
more = ["a", "b"]
bells = { 404 = "ding", 503 = "dong" }
ghost = "Sir"
paint = "green"
fence = { tin_bytes = "64KiB" }
[door.front]
[door."back door"]
paint.tin_bytes = 0
)");
  ASSERT_TRUE(good) << good.error().text();
  EXPECT_TRUE(good->lit);
  EXPECT_EQ(good->rooms, 20U);
  EXPECT_EQ(good->wait, 90s);
  EXPECT_EQ(good->age, std::chrono::days(7));
  EXPECT_EQ(good->visits, (Rate{5, 1}));
  EXPECT_EQ(good->motto, "");
  EXPECT_EQ(good->cellar, "/etc/wine");
  EXPECT_EQ(good->people, std::vector<std::string>{"Bob"});
  EXPECT_EQ(good->more, (std::vector<std::string>{"first", "a", "b"}));
  EXPECT_EQ(good->bells.at(503), "dong");
  EXPECT_EQ(good->ghost, "Sir");
  EXPECT_EQ(good->paint.colour, Colour::green);
  ASSERT_TRUE(good->fence);
  EXPECT_EQ(good->fence->tin_bytes, 65'536U);
  ASSERT_EQ(good->doors.size(), 2U);
  EXPECT_EQ(good->doors[1].name, "back door");
  EXPECT_EQ(good->doors[1].paint.colour, Colour::green) << "starts as the parent's";
  EXPECT_EQ(good->doors[1].paint.tin_bytes, 0U);
}

struct BadLine {
  const char* text;
  const char* fault;
};

class BadLines : public testing::TestWithParam<BadLine> {};

TEST_P(BadLines, HaveExactMessages) { EXPECT_EQ(faults(GetParam().text), GetParam().fault); }

INSTANTIATE_TEST_SUITE_P(
    Table, BadLines,
    testing::Values(
        BadLine{"\n\nroms = 3", "h.toml:3: roms: no such key; did you mean \"rooms\"?"},
        BadLine{"quux = 3", "h.toml:1: quux: no such key"},
        BadLine{"colour = 'red'", "h.toml:1: colour: no such key; it belongs to [paint]"},
        BadLine{"[paint]\ncolor = 'red'", "h.toml:2: paint.color: no such key; did you mean \"colour\"?"},
        BadLine{"[door.'a.b']\nlit = true", "h.toml:2: door.\"a.b\".lit: no such key"},
        BadLine{"lit = 1", "h.toml:1: lit: needs true or false, not 1"},
        BadLine{"lit = 'true'", "h.toml:1: lit: needs true or false, not \"true\""},
        BadLine{"rooms = 21", "h.toml:1: rooms: 21 is outside 1..20"},
        BadLine{"rooms = 0", "h.toml:1: rooms: 0 is outside 1..20"},
        BadLine{"rooms = -1", "h.toml:1: rooms: -1 is outside 1..20"},
        BadLine{"rooms = '3'", "h.toml:1: rooms: needs a whole number, 1..20, not \"3\""},
        BadLine{"rooms = 3.0", "h.toml:1: rooms: needs a whole number, 1..20, not 3.0"},
        BadLine{"rooms = [3]", "h.toml:1: rooms: needs a whole number, 1..20, not a list"},
        BadLine{"wait = 600", "h.toml:1: wait: 600 is outside 1s..2m"},
        BadLine{"wait = -1", "h.toml:1: wait: -1 is outside 1s..2m"},
        BadLine{"wait = 'soon'",
                "h.toml:1: wait: needs a duration such as \"250ms\", \"10s\", \"5m\", \"12h\", \"30d\" or a "
                "number of "
                "seconds, not \"soon\""},
        BadLine{"age = '1500ms'", "h.toml:1: age: \"1500ms\" is no whole number of seconds"},
        BadLine{"visits = 5", "h.toml:1: visits: needs a rate such as \"200 + 20/s\", not 5"},
        BadLine{"visits = '0 + 5/s'", "h.toml:1: visits: \"0 + 5/s\" is outside 1..100 + 1..100/s"},
        BadLine{"motto = 'x'", "h.toml:1: motto: \"x\": is too short"},
        BadLine{"motto = 5", "h.toml:1: motto: needs a text in quotes, not 5"},
        BadLine{"motto = \"a\\u0000b\"", "h.toml:1: motto: has a zero byte in it"},
        BadLine{"cellar = ''", "h.toml:1: cellar: is an empty path"},
        BadLine{"people = []", "h.toml:1: people: 0 values; 1..3 are possible"},
        BadLine{"people = ['a', 'a']", "h.toml:1: people: \"a\" stands there twice"},
        BadLine{"people = [\n'a',\n5]", "h.toml:3: people: needs a text in quotes, not 5"},
        BadLine{"bells = { 200 = 'x' }", "h.toml:1: bells.200: \"200\" is outside 400..599"},
        BadLine{"bells = { ab = 'x' }", "h.toml:1: bells.ab: needs a whole number, 400..599, not \"ab\""},
        BadLine{"bells = 'x'", "h.toml:1: bells: needs a table such as { name = \"value\" }, not \"x\""},
        BadLine{"paint = 'gren'", "h.toml:1: paint: \"gren\" is none of red, green; did you mean \"green\"?"},
        BadLine{"paint = 5", "h.toml:1: paint: 5 is none of red, green"},
        BadLine{"paint = ['red']", "h.toml:1: paint: needs one of red, green, not a list"},
        BadLine{"paint.tin_bytes = '2MiB'",
                "h.toml:1: paint.tin_bytes: \"2MiB\" is outside 1KiB..1MiB, or 0: bottomless"},
        BadLine{"paint.tin_bytes = '4KB'",
                "h.toml:1: paint.tin_bytes: needs a size such as \"16KiB\", \"1MiB\" or a number of bytes, "
                "not \"4KB\""},
        BadLine{"door = 5", "h.toml:1: door: needs a name: [door.\"name\"]"},
        BadLine{"\n[door.www.example.com]\n",
                "h.toml:2: door.www: a name with dots needs quotes: [door.\"www.example.com\"]"},
        BadLine{"[door.\"a.b\".window]", "h.toml:1: door.\"a.b\".window: no such key"},
        BadLine{"[door.front.paintt]", "h.toml:1: door.front.paintt: no such key; did you mean \"paint\"?"},
        BadLine{"door.front = 5", "h.toml:1: door.front: is a block of keys: [door.front]"},
        BadLine{"wait = 2026-11-21",
                "h.toml:1: wait: needs a duration such as \"250ms\", \"10s\", \"5m\", \"12h\", \"30d\" or a "
                "number of "
                "seconds, not 2026-11-21"}));

TEST(Block, NamesEveryBadLineInTheOrderOfTheFile) {
  EXPECT_EQ(faults("wait = 600\nroms = 1\nlit = 2\n[door.x]\npaint = 'blue'\n"),
            "h.toml:1: wait: 600 is outside 1s..2m\n"
            "h.toml:2: roms: no such key; did you mean \"rooms\"?\n"
            "h.toml:3: lit: needs true or false, not 2\n"
            "h.toml:5: door.x.paint: \"blue\" is none of red, green");
}

TEST(Block, StopsListingAtFiftyLines) {
  std::string text;
  for (int i = 0; i < 80; ++i) text += "bad" + std::to_string(i) + " = 1\n";
  const std::string all = faults(text);
  EXPECT_EQ(std::ranges::count(all, '\n'), 50);
  EXPECT_TRUE(all.ends_with("\nand 30 more"));
}

TEST(Apply, SetsAKeyFromText) {
  House h;
  ASSERT_TRUE(apply(House::block(), h, "rooms", "7"));
  ASSERT_TRUE(apply(House::block(), h, "lit", "true"));
  ASSERT_TRUE(apply(House::block(), h, "paint.tin_bytes", "8KiB"));
  ASSERT_TRUE(apply(House::block(), h, "people", "Bob, Eve"));
  ASSERT_TRUE(apply(House::block(), h, "wait", "5"));
  EXPECT_EQ(h.rooms, 7U);
  EXPECT_TRUE(h.lit);
  EXPECT_EQ(h.paint.tin_bytes, 8192U);
  EXPECT_EQ(h.people, (std::vector<std::string>{"Bob", "Eve"}));
  EXPECT_EQ(h.wait, 5s);
}

TEST(Apply, ChangesNothingWhenItFails) {
  House h;
  const Result<> far = apply(House::block(), h, "rooms", "70");
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().detail(), "--rooms: \"70\" is outside 1..20");
  const Result<> unknown = apply(House::block(), h, "paint.tin_byte", "1KiB");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().detail(), "--paint.tin_byte: no such key; did you mean \"tin_bytes\"?");
  const Result<> odd = apply(House::block(), h, "a..b", "1");
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().detail(), "--a..b: is no key");
  EXPECT_EQ(h.rooms, 3U);
}

TEST(Only, KeepsSomeKeys) {
  const Block<House> small = House::block().only("A small house.", "as outside", {"rooms", "lit"});
  ASSERT_EQ(small.rows().size(), 2U);
  EXPECT_EQ(small.rows()[0].fallback, "as outside");
  const Result<Node> node = parse_toml("wait = 5", "h.toml");
  ASSERT_TRUE(node);
  EXPECT_FALSE(parse(*node, small));
}

TEST(Rows, TellTypeRangeAndDefault) {
  const Table& table = House::block();
  EXPECT_EQ(table.row("rooms")->type, "count");
  EXPECT_EQ(table.row("rooms")->range, "1..20");
  EXPECT_EQ(table.row("rooms")->fallback, "3");
  EXPECT_EQ(table.row("rooms")->source, "RFC 1");
  EXPECT_EQ(table.row("people")->type, "list of text");
  EXPECT_EQ(table.row("people")->fallback, "[\"Ann\"]");
  EXPECT_EQ(table.row("age")->fallback, "\"1d\"");
  EXPECT_EQ(Paint::block().row("colour")->fallback, "\"red\"");
  EXPECT_EQ(Paint::block().row("colour")->type, "red|green");
  EXPECT_EQ(table.row("nothing"), nullptr);
}

}  // namespace
}  // namespace sally::config
