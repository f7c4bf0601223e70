#include "gateway/settings_text.h"

#include <gtest/gtest.h>

#include <fstream>

#include "config/explain.h"
#include "config/toml.h"

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;

/// Every default that the help shows is itself a value that the file may hold.
void check_defaults(const config::Table& table, const std::string& path) {
  for (const config::Row& row : table.rows()) {
    const std::string key = path.empty() ? row.name : path + "." + row.name;
    EXPECT_FALSE(row.help.empty()) << key;
    if (row.table != nullptr) {
      check_defaults(*row.table, row.named ? key + (row.name == "port" ? ".8443" : ".localhost") : key);
      continue;
    }
    EXPECT_FALSE(row.type.empty()) << key;
    if (row.fallback.empty() || row.fallback.starts_with("as in ")) continue;
    const auto node = config::parse_toml(key + " = " + row.fallback, "default");
    ASSERT_TRUE(node) << node.error().text();
    const auto read = config::parse(*node, SettingsText::block());
    // An empty text stands for "not given" where a value is required.
    if (row.fallback != "\"\"") {
      EXPECT_TRUE(read) << read.error().text();
    }
  }
}

TEST(Defaults, LieInTheirRanges) { check_defaults(settings_table(), ""); }

/// The value that the example has for a key, with any name where the table has one for each name.
const config::Node* find(const config::Node& node, const config::Table& table, const config::Row& wanted) {
  for (const config::Row& row : table.rows()) {
    const config::Node* value = node.find(row.name);
    if (&row == &wanted || value == nullptr) {
      if (&row == &wanted) return value;
      continue;
    }
    if (row.table == nullptr) continue;
    for (const config::Node& item : value->items)
      if (const config::Node* found = find(item, *row.table, wanted)) return found;
    if (!row.named) {
      if (const config::Node* found = find(*value, *row.table, wanted)) return found;
      continue;
    }
    for (const auto& [name, child] : value->members)
      if (const config::Node* found = find(child, *row.table, wanted)) return found;
  }
  return nullptr;
}

TEST(Documentation, TheExampleHasEveryKey) {
  const auto node = config::read_toml("docs/sallyport.example.toml");
  ASSERT_TRUE(node) << node.error().text();
  const auto entries = config::entries(settings_table());
  EXPECT_GT(entries.size(), 90U);
  for (const config::Entry& entry : entries) {
    const config::Node* value = find(*node, settings_table(), *entry.row);
    ASSERT_NE(value, nullptr) << entry.key() << " is missing";
    // What is set for one site is an example; what is set for all is the default.
    const bool of_all = entry.block == "tls" || entry.block == "log" || entry.block.starts_with("limits");
    if (!of_all || value->kind == config::Node::Kind::list) continue;
    EXPECT_EQ(value->shown(), entry.row->fallback) << entry.key();
  }
}

TEST(Documentation, TheManualsExamplesLoad) {
  const fs::path docs = "docs";
  std::ifstream manual(docs / "configuration.md");
  std::string line, block;
  int count = 0;
  for (bool inside = false; std::getline(manual, line);) {
    if (inside && line == "```") {
      const auto example = config::parse_toml(block, "configuration.md, example " + std::to_string(++count));
      ASSERT_TRUE(example) << example.error().text() << "\n" << block;
      const auto value = config::parse(*example, SettingsText::block());
      EXPECT_TRUE(value) << value.error().text() << "\n" << block;
      inside = false;
    } else if (inside) {
      block += line + "\n";
    } else if (line == "```toml") {
      inside = true;
      block.clear();
    }
  }
  EXPECT_GE(count, 15);
}

}  // namespace
}  // namespace sally::gateway
