#include "config/explain.h"

#include <gtest/gtest.h>

#include <sstream>

namespace sally::config {
namespace {

struct Lamp {
  bool on = false;
  std::uint32_t watts = 5;

  static const Block<Lamp>& block() {
    static const Block<Lamp> kBlock =
        Block<Lamp>("A lamp.")
            .key("on", &Lamp::on, Switch{}, "Whether it shines.")
            .key("watts", &Lamp::watts, Count{1, 100},
                 "How bright it is, in a sentence that is rather long for its lamp.", "RFC 5");
    return kBlock;
  }
};

struct Room {
  std::string name = "a|b";
  Lamp lamp;
  std::vector<Lamp> spots;

  static const Block<Room>& block() {
    static const Block<Room> kBlock =
        Block<Room>("A room.")
            .key("name", &Room::name, Text{}, "Its name.")
            .block("lamp", &Room::lamp, Lamp::block())
            .named("spot", &Room::spots, Lamp::block(), [](const Room&, std::string_view) { return Lamp{}; });
    return kBlock;
  }
};

std::string keys(std::string_view wanted) {
  std::string out;
  for (const Entry& entry : entries(Room::block(), wanted)) out += (out.empty() ? "" : " ") + entry.key();
  return out;
}

TEST(Entries, AreFoundByKeyBlockOrLastPart) {
  EXPECT_EQ(keys(""), "name lamp.on lamp.watts spot.\"NAME\".on spot.\"NAME\".watts");
  EXPECT_EQ(keys("lamp"), "lamp.on lamp.watts");
  EXPECT_EQ(keys("lamp.on"), "lamp.on");
  EXPECT_EQ(keys("spot"), "spot.\"NAME\".on spot.\"NAME\".watts");
  EXPECT_EQ(keys("spot.on"), "spot.\"NAME\".on");
  EXPECT_EQ(keys("spot.\"over.there\".on"), "spot.\"NAME\".on");
  EXPECT_EQ(keys("watts"), "lamp.watts spot.\"NAME\".watts");
  EXPECT_EQ(keys("lam"), "");
  EXPECT_EQ(keys("."), "");
}

TEST(KnownNames, HoldKeysBlocksAndLastParts) {
  EXPECT_EQ(known_names(Room::block()),
            (std::vector<std::string>{"lamp", "lamp.on", "lamp.watts", "name", "on", "spot", "spot.on",
                                      "spot.watts", "watts"}));
}

TEST(ExplainText, FitsTheTerminal) {
  EXPECT_EQ(explain_text(entries(Room::block(), "lamp"), 60),
            "[lamp]\n"
            "  A lamp.\n"
            "\n"
            "  on = false                          true|false\n"
            "      Whether it shines.\n"
            "  watts = 5                           1..100\n"
            "      How bright it is, in a sentence that is rather long\n"
            "      for its lamp. (RFC 5)\n");
  for (const std::size_t width : {40U, 80U, 200U}) {
    std::istringstream text(explain_text(entries(Room::block()), width));
    for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), width) << line;
  }
}

TEST(ExplainMarkdown, EscapesWhatATableCannotHold) {
  const std::string page = explain_markdown(entries(Room::block()));
  EXPECT_TRUE(page.contains("## At the top\n\nA room.\n\n| Key | Default |")) << page;
  EXPECT_TRUE(page.contains("| `name` | `\"a\\|b\"` | text | Its name. |  |\n")) << page;
  EXPECT_TRUE(page.contains("## `[spot.\"NAME\"]`")) << page;
  EXPECT_TRUE(page.contains("| `on` | `false` | true\\|false | Whether it shines. |  |")) << page;
}

TEST(ExplainJson, IsAnArrayOfObjects) {
  EXPECT_EQ(explain_json(entries(Room::block(), "name")),
            "[\n  {\"key\": \"name\", \"type\": \"text\", \"range\": \"\", \"default\": \"\\\"a|b\\\"\", "
            "\"help\": \"Its name.\", \"source\": \"\"}\n]\n");
  EXPECT_EQ(explain_json({}), "[\n]\n");
}

}  // namespace
}  // namespace sally::config
