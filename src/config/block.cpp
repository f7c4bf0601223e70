#include "config/block.h"

#include <algorithm>

#include "base/ascii.h"

namespace sally::config {
namespace {

constexpr std::size_t kMostSuggestions = 50;

/// The block that has a key of this name, searched through all nested ones: "tls" for "min_version".
std::string home_of(const Table& table, std::string_view name, const std::string& path) {
  for (const Row& row : table.rows()) {
    if (row.name == name && !path.empty()) return path;
    if (row.table == nullptr) continue;
    const std::string inner =
        (path.empty() ? row.name : path + "." + row.name) + (row.named ? ".\"name\"" : "");
    if (const std::string found = home_of(*row.table, name, inner); !found.empty()) return found;
  }
  return {};
}

void refuse_unknown(const Table& table, const Node::Member& member, const Spot& at) {
  std::vector<std::string_view> names;
  for (const Row& row : table.rows()) names.push_back(row.name);
  // Suggestions cost time, and a file with so many faults needs another kind of help.
  const bool suggest = at.reading.problems().size() < kMostSuggestions;
  std::string why = "no such key" + (suggest ? did_you_mean(member.name, names) : "");
  if (suggest && why == "no such key" && at.reading.top() != nullptr)
    if (const std::string home = home_of(*at.reading.top(), member.name, ""); !home.empty())
      why += "; it belongs to [" + home + "]";
  at.inside(member.name).bad(member.value, std::move(why));
}

}  // namespace

const Row* Table::row(std::string_view name) const {
  const auto it = std::ranges::find(rows_, name, &Row::name);
  return it == rows_.end() ? nullptr : &*it;
}

std::string name_without_quotes(const Table& inner, std::string_view key, const Node& node) {
  // What cannot be written without quotes had them (TOML 1.0, bare keys).
  const auto bare = [](char c) { return is_alpha(c) || is_digit(c) || c == '_' || c == '-'; };
  if (!std::ranges::all_of(key, bare)) return "";
  // [door.front.paintt] is a slip in a key, not a name.
  std::vector<std::string_view> keys;
  for (const Row& row : inner.rows()) keys.push_back(row.name);
  for (const Node::Member& member : node.members)
    if (inner.row(member.name) == nullptr && !nearest(member.name, keys).empty()) return "";
  std::string name(key);
  const Node* at = &node;
  for (bool deeper = true; deeper;) {
    deeper = false;
    for (const auto& [part, child] : at->members) {
      if (child.kind != Node::Kind::table || inner.row(part) != nullptr) continue;
      name += "." + part;
      at = &child;
      deeper = true;
      break;
    }
  }
  return at == &node ? "" : name;
}

bool Table::read(void* object, const Node& node, const Spot& at) const {
  if (node.kind != Node::Kind::table) {
    const Row* plain = row(shorthand_);
    if (plain == nullptr) return at.bad(node, fmt::format("is a block of keys: [{}]", at.path));
    return plain->read(object, node, at);
  }
  bool good = true;
  for (const Node::Member& member : node.members) {
    if (row(member.name) != nullptr) continue;
    refuse_unknown(*this, member, at);
    good = false;
  }
  for (const Row& row : rows_) {
    const Node* value = node.find(row.name);
    if (value == nullptr) continue;
    const Spot inside = at.inside(row.name);
    at.reading.note_place(inside.path, value->place);
    good = row.read(object, *value, inside) && good;
  }
  return good;
}

}  // namespace sally::config
