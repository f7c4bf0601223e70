// config/values.h - the kinds of value a key may have. Each reads a node, and says its type, range and
// default.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "config/nearest.h"
#include "config/reading.h"
#include "config/units.h"

namespace sally::config {

/// What reads a T: `read` leaves `out` alone and returns false after it has recorded a problem.
template <typename V, typename T>
concept Reads = requires(const V v, const Node& node, T& out, const T& in, const Spot& at) {
  { v.read(node, out, at) } -> std::same_as<bool>;
  { v.type() } -> std::convertible_to<std::string>;
  { v.range() } -> std::convertible_to<std::string>;
  { v.show(in) } -> std::convertible_to<std::string>;
};

/// true or false.
struct Switch {
  bool read(const Node& node, bool& out, const Spot& at) const;
  std::string type() const { return "true|false"; }
  std::string range() const { return ""; }
  std::string show(bool value) const { return value ? "true" : "false"; }
};

/// The part of Count and Size that knows no integer type.
struct Bounds {
  std::uint64_t least = 0, most = 0;
  std::string_view zero = {};  ///< what 0 means where that is special: "no limit"

  std::optional<std::uint64_t> count(const Node& node, const Spot& at) const;
  std::optional<std::uint64_t> size(const Node& node, const Spot& at) const;
  std::string range(bool as_size) const;
  std::string show(std::uint64_t value, bool as_size) const;
};

/// A whole number from `least` to `most`; also 0 where `zero` says what that means.
struct Count : Bounds {
  template <std::unsigned_integral Int>
  bool read(const Node& node, Int& out, const Spot& at) const {
    const auto value = count(node, at);
    if (value) out = static_cast<Int>(*value);
    return value.has_value();
  }
  std::string type() const { return "count"; }
  std::string range() const { return Bounds::range(false); }
  std::string show(std::uint64_t value) const { return Bounds::show(value, false); }
};

/// Bytes: "16KiB" or a plain number.
struct Size : Bounds {
  template <std::unsigned_integral Int>
  bool read(const Node& node, Int& out, const Spot& at) const {
    const auto value = size(node, at);
    if (value) out = static_cast<Int>(*value);
    return value.has_value();
  }
  std::string type() const { return "size"; }
  std::string range() const { return Bounds::range(true); }
  std::string show(std::uint64_t value) const { return Bounds::show(value, true); }
};

/// "250ms", "10s", "5m", "12h", "30d", or a plain number of seconds.
struct Time {
  std::chrono::milliseconds least, most;

  bool read(const Node& node, std::chrono::milliseconds& out, const Spot& at) const;
  /// A member in seconds takes no finer time.
  bool read(const Node& node, std::chrono::seconds& out, const Spot& at) const;
  std::string type() const { return "duration"; }
  std::string range() const { return show_duration(least) + ".." + show_duration(most); }
  std::string show(std::chrono::milliseconds value) const { return '"' + show_duration(value) + '"'; }
};

/// "200 + 20/s": a burst and what comes after it, each from 1 to `most`.
struct Frequency {
  std::uint32_t most = 1'000'000;

  bool read(const Node& node, Rate& out, const Spot& at) const;
  std::string type() const { return "rate"; }
  std::string range() const { return fmt::format("1..{0} + 1..{0}/s", most); }
  std::string show(Rate value) const { return '"' + show_rate(value) + '"'; }
};

/// Any text that `check` has no objection to; check returns what is wrong, or "".
struct Text {
  std::string (*check)(std::string_view) = nullptr;
  std::string_view form = {};  ///< shown as range: "host or host:port"

  bool read(const Node& node, std::string& out, const Spot& at) const;
  std::string type() const { return "text"; }
  std::string range() const { return std::string(form); }
  std::string show(const std::string& value) const { return '"' + value + '"'; }
};

/// A file or folder; a relative one starts at the configuration's own folder. Whether it exists is not asked
/// here.
struct Path {
  bool read(const Node& node, std::filesystem::path& out, const Spot& at) const;
  std::string type() const { return "path"; }
  std::string range() const { return ""; }
  std::string show(const std::filesystem::path& value) const {
    return value.empty() ? "" : '"' + value.string() + '"';
  }
};

/// Records `"x" is none of a, b, c; did you mean "a"?` and returns false.
bool bad_word(const Node& node, const Spot& at, std::span<const std::string_view> known);
/// The text of a text, of a number or of a switch, so that `min_version = 1.2` is understood as well as
/// "1.2".
std::optional<std::string> word_of(const Node& node);

/// One of a few words.
template <typename E>
struct Words {
  std::vector<std::pair<std::string_view, E>> known;

  bool read(const Node& node, E& out, const Spot& at) const {
    const auto word = word_of(node);
    for (const auto& [name, value] : known)
      if (word && name == *word) {
        out = value;
        return true;
      }
    return bad_word(node, at, names());
  }
  std::string type() const { return fmt::format("{}", fmt::join(names(), "|")); }
  std::string range() const { return ""; }
  std::string show(E value) const {
    const auto it = std::ranges::find(known, value, &std::pair<std::string_view, E>::second);
    if (it == known.end()) return "?";
    const bool number = std::ranges::all_of(it->first, is_digit);
    return number ? std::string(it->first) : '"' + std::string(it->first) + '"';
  }
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> out;
    for (const auto& [name, value] : known) out.push_back(name);
    return out;
  }
};

/// The items of a list; a single value is a list of one; on the command line commas separate.
std::vector<Node> items_of(const Node& node);

/// A list of up to `most` values, none twice.
template <typename V>
struct List {
  V item;
  std::size_t least = 0, most = 64;
  bool adds = false;  ///< to what is there already, instead of taking its place

  template <typename T>
  bool read(const Node& node, std::vector<T>& out, const Spot& at) const {
    const std::vector<Node> nodes = items_of(node);
    if (nodes.size() < least || nodes.size() > most)
      return at.bad(node, fmt::format("{} values; {}..{} are possible", nodes.size(), least, most));
    std::vector<T> values;
    for (const Node& one : nodes) {
      T value{};
      if (!item.read(one, value, at)) return false;
      if (std::ranges::find(values, value) != values.end())
        return at.bad(one, one.shown() + " stands there twice");
      values.push_back(std::move(value));
    }
    if (adds)
      out.insert(out.end(), values.begin(), values.end());
    else
      out = std::move(values);
    return true;
  }
  std::string type() const { return "list of " + item.type(); }
  std::string range() const { return item.range(); }
  template <typename T>
  std::string show(const std::vector<T>& values) const {
    std::vector<std::string> shown;
    for (const T& value : values) shown.push_back(item.show(value));
    return fmt::format("[{}]", fmt::join(shown, ", "));
  }
};

/// A table of values by name: `errors = { 404 = "/404.html" }`.
template <typename K, typename V>
struct Map {
  K key;
  V value;
  std::size_t most = 1000;

  template <typename Name, typename T>
  bool read(const Node& node, std::map<Name, T>& out, const Spot& at) const {
    if (node.kind != Node::Kind::table)
      return at.bad(node, fmt::format("needs a table such as {{ name = \"value\" }}, not {}", node.shown()));
    if (node.members.size() > most)
      return at.bad(node, fmt::format("{} entries; at most {} are possible", node.members.size(), most));
    std::map<Name, T> entries;
    bool good = true;
    for (const auto& [name, child] : node.members) {
      Node as_node;
      as_node.kind = Node::Kind::text;
      as_node.place = child.place;
      as_node.loose = true;
      as_node.text = name;
      Name k{};
      T v{};
      const Spot inside = at.inside(name);
      if (key.read(as_node, k, inside) && value.read(child, v, inside))
        entries.insert_or_assign(std::move(k), std::move(v));
      else
        good = false;
    }
    if (good) out = std::move(entries);
    return good;
  }
  std::string type() const { return fmt::format("table of {} = {}", key.type(), value.type()); }
  std::string range() const { return key.range(); }
  template <typename Name, typename T>
  std::string show(const std::map<Name, T>& entries) const {
    std::vector<std::string> shown;
    for (const auto& [k, v] : entries) shown.push_back(key.show(k) + " = " + value.show(v));
    return shown.empty() ? "{}" : fmt::format("{{ {} }}", fmt::join(shown, ", "));
  }
};

}  // namespace sally::config
