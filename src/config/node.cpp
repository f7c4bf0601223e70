#include "config/node.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace sally::config {
namespace {

constexpr std::size_t kShownBytes = 60;
constexpr std::size_t kMaxNames = 8;

bool bare(char c) { return is_alpha(c) || is_digit(c) || c == '_' || c == '-'; }

/// Quoted, without control characters, and cut where a message would become a page.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kShownBytes)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  // A cut must not leave half a UTF-8 sequence behind.
  while (text.size() > kShownBytes && !out.empty() && (static_cast<unsigned char>(out.back()) & 0x80) != 0)
    out.pop_back();
  return out + (text.size() > kShownBytes ? "...\"" : "\"");
}

}  // namespace

std::string Place::text() const {
  const std::string_view name = source ? std::string_view(*source) : "?";
  return line == 0 ? std::string(name) : fmt::format("{}:{}", name, line);
}

const Node* Node::find(std::string_view name) const {
  const auto it = std::ranges::find(members, name, &Member::name);
  return it == members.end() ? nullptr : &it->value;
}

Node* Node::find(std::string_view name) {
  const auto it = std::ranges::find(members, name, &Member::name);
  return it == members.end() ? nullptr : &it->value;
}

std::string Node::shown() const {
  switch (kind) {
    case Kind::boolean:
      return boolean ? "true" : "false";
    case Kind::integer:
      return std::to_string(integer);
    case Kind::real:
      return fmt::format("{:#}", real);
    case Kind::text:
      return quoted(text);
    case Kind::date:
      return text;
    case Kind::list:
      return "a list";
    case Kind::table:
      return "a table";
  }
  return "?";
}

Node empty_document(std::string_view source) {
  Node root;
  root.place.source = std::make_shared<const std::string>(source);
  return root;
}

Place flag_place(std::string_view name) {
  return {std::make_shared<const std::string>("--" + std::string(name)), 0};
}

std::string written_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, bare) ? std::string(key) : quoted(key);
}

std::vector<std::string> split_key(std::string_view dotted) {
  std::vector<std::string> names;
  while (names.size() < kMaxNames) {
    std::string name;
    if (!dotted.empty() && (dotted.front() == '"' || dotted.front() == '\'')) {
      const std::size_t end = dotted.find(dotted.front(), 1);
      if (end == std::string_view::npos) return {};
      name = dotted.substr(1, end - 1);
      dotted.remove_prefix(end + 1);
    } else {
      const std::size_t end = std::min(dotted.find('.'), dotted.size());
      name = dotted.substr(0, end);
      if (name.empty() || !std::ranges::all_of(name, bare)) return {};
      dotted.remove_prefix(end);
    }
    names.push_back(std::move(name));
    if (dotted.empty()) return names;
    if (dotted.front() != '.') return {};
    dotted.remove_prefix(1);
  }
  return {};
}

bool overlay(Node& root, std::string_view key, std::string_view text) {
  const Place place = flag_place(key);
  const std::vector<std::string> names = split_key(key);
  Node* at = &root;
  for (const std::string& name : names) {
    if (at->kind != Node::Kind::table) return false;
    Node* next = at->find(name);
    if (next == nullptr) {
      at->members.push_back({name, Node{}});
      next = &at->members.back().value;
      next->place = place;
    }
    at = next;
  }
  if (names.empty()) return false;
  *at = Node{};
  at->kind = Node::Kind::text;
  at->place = place;
  at->loose = true;
  at->text = text;
  return true;
}

}  // namespace sally::config
