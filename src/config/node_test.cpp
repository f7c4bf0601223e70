#include "config/node.h"

#include <gtest/gtest.h>

namespace sally::config {
namespace {

using Names = std::vector<std::string>;

TEST(SplitKey, KnowsQuotes) {
  EXPECT_EQ(split_key("workers"), (Names{"workers"}));
  EXPECT_EQ(split_key("limits.h2.max_streams"), (Names{"limits", "h2", "max_streams"}));
  EXPECT_EQ(split_key("site.\"www.example.com\".files"), (Names{"site", "www.example.com", "files"}));
  EXPECT_EQ(split_key("site.'a.b'"), (Names{"site", "a.b"}));
  EXPECT_EQ(split_key("headers.\"X-Y\""), (Names{"headers", "X-Y"}));
}

TEST(SplitKey, RefusesWhatIsNoKey) {
  for (const char* key : {"", ".", "a.", ".a", "a..b", "a b", "\"a", "\"a\"b", "a=b", "a.b.c.d.e.f.g.h.i"})
    EXPECT_EQ(split_key(key), Names{}) << key;
  EXPECT_EQ(split_key("a.b.c.d.e.f.g.h").size(), 8U);
}

TEST(Overlay, ReplacesAndMakesTables) {
  Node root = empty_document("x.toml");
  ASSERT_TRUE(overlay(root, "limits.header_bytes", "32KiB"));
  ASSERT_TRUE(overlay(root, "limits.header_count", "50"));
  ASSERT_TRUE(overlay(root, "limits.header_bytes", "8KiB"));
  const Node* limits = root.find("limits");
  ASSERT_NE(limits, nullptr);
  ASSERT_EQ(limits->members.size(), 2U);
  EXPECT_EQ(limits->find("header_bytes")->text, "8KiB");
  EXPECT_TRUE(limits->find("header_bytes")->loose);
  EXPECT_EQ(limits->find("header_bytes")->place.text(), "--limits.header_bytes");
}

TEST(Overlay, DoesNotTurnAValueIntoATable) {
  Node root = empty_document("x.toml");
  ASSERT_TRUE(overlay(root, "a", "1"));
  EXPECT_FALSE(overlay(root, "a.b", "2"));
  EXPECT_FALSE(overlay(root, "", "2"));
  EXPECT_EQ(root.find("a")->text, "1");
}

TEST(Node, ShowsItselfInAMessage) {
  Node text;
  text.kind = Node::Kind::text;
  text.text = "say \"hi\"\n\x1b[31m";
  EXPECT_EQ(text.shown(), "\"say \\\"hi\\\"\\x0a\\x1b[31m\"");
  text.text = std::string(59, 'x') + "\xc3\xa9\xc3\xa9";
  EXPECT_EQ(text.shown(), "\"" + std::string(59, 'x') + "...\"") << "no half of a character";
  Node list;
  list.kind = Node::Kind::list;
  EXPECT_EQ(list.shown(), "a list");
}

TEST(WrittenKey, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(written_key("files"), "files");
  EXPECT_EQ(written_key("example.com"), "\"example.com\"");
  EXPECT_EQ(written_key(""), "\"\"");
  EXPECT_EQ(written_key("a\"b"), "\"a\\\"b\"");
}

}  // namespace
}  // namespace sally::config
