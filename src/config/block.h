// config/block.h - the key table of a settings struct: its parser, its help and its manual page are this one
// table.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/block_fwd.h"
#include "config/reading.h"
#include "config/values.h"

namespace sally::config {

/// One key.
struct Row {
  std::string name;
  std::string type;              ///< "duration", "path", "1.2|1.3"; empty where `table` says more
  std::string range;             ///< "1s..2m"; empty: any value of the type
  std::string fallback;          ///< the default as one would write it; empty: none
  std::string help;              ///< one sentence
  std::string source;            ///< where the default or the rule comes from
  const Table* table = nullptr;  ///< the keys of a nested block
  bool named = false;            ///< the nested block stands once for each name: [site."example.com"]
  /// Reads a node into the struct that the table is for.
  std::function<bool(void* object, const Node& node, const Spot& at)> read;
};

/// A Block without its struct: what help and error messages need.
class Table {
 public:
  explicit Table(std::string_view help) : help_(help) {}

  std::string_view help() const { return help_; }
  const std::vector<Row>& rows() const { return rows_; }
  const Row* row(std::string_view name) const;
  /// The key that a plain value in place of the block stands for: `files = "/srv/www"`. Empty: none.
  std::string_view shorthand() const { return shorthand_; }
  /// It stands in a list: [[site."a".route]].
  bool repeated() const { return repeated_; }

  /// Reads rows in their own order, whatever the file's is, and refuses unknown keys. What cannot be read
  /// stays as it was. Returns whether all could be read.
  bool read(void* object, const Node& node, const Spot& at) const;

 protected:
  std::string_view help_, shorthand_;
  bool repeated_ = false;
  std::vector<Row> rows_;
};

/// What [site.www.example.com] was meant to name, "www.example.com", seen at its `www`: tables within it that
/// are no blocks of `inner`. "" when there are none.
std::string name_without_quotes(const Table& inner, std::string_view key, const Node& node);

/// The table of a T. Defaults are those of T{}. Made once, as a static inside T::block():
///
///   static const Block<TlsConfig> kBlock =
///       Block<TlsConfig>("What a client may speak.")
///           .key("tickets", &TlsConfig::tickets, Count{0, 8}, "Tickets sent per handshake.", "RFC
///           8446 4.6.1");
template <typename T>
class Block : public Table {
 public:
  explicit Block(std::string_view help) : Table(help) {}

  /// A key with a value of its own kind.
  template <typename M, typename Owner, typename V>
  requires std::derived_from<T, Owner> && Reads<V, M> Block& key(std::string_view name, M Owner::*member,
                                                                 V value, std::string_view help,
                                                                 std::string_view source = "") {
    const T defaults{};
    add(name, value.type(), value.range(), value.show(defaults.*member), help, source);
    rows_.back().read = [member, value](void* object, const Node& node, const Spot& at) {
      return value.read(node, static_cast<T*>(object)->*member, at);
    };
    return *this;
  }

  /// A key that may be absent.
  template <typename M, typename Owner, typename V>
  requires std::derived_from<T, Owner> && Reads<V, M> Block& key(std::string_view name,
                                                                 std::optional<M> Owner::*member, V value,
                                                                 std::string_view help,
                                                                 std::string_view source = "") {
    add(name, value.type(), value.range(), "", help, source);
    rows_.back().read = [member, value](void* object, const Node& node, const Spot& at) {
      M read{};
      if (!value.read(node, read, at)) return false;
      (static_cast<T*>(object)->*member).emplace(std::move(read));
      return true;
    };
    return *this;
  }

  /// A key whose value sets several members: `value` reads the whole T.
  template <typename V>
  requires Reads<V, T> Block& whole(std::string_view name, V value, std::string_view help,
                                    std::string_view source = "") {
    add(name, value.type(), value.range(), value.show(T{}), help, source);
    rows_.back().read = [value](void* object, const Node& node, const Spot& at) {
      return value.read(node, *static_cast<T*>(object), at);
    };
    return *this;
  }

  /// A nested block.
  template <typename M, typename Owner>
  requires std::derived_from<T, Owner> Block& block(std::string_view name, M Owner::*member,
                                                    const Block<M>& inner) {
    add_table(name, inner, false);
    rows_.back().read = [member, &inner](void* object, const Node& node, const Spot& at) {
      return inner.read(&(static_cast<T*>(object)->*member), node, at);
    };
    return *this;
  }

  /// A nested block that may be absent.
  template <typename M, typename Owner>
  requires std::derived_from<T, Owner> Block& block(std::string_view name, std::optional<M> Owner::*member,
                                                    const Block<M>& inner) {
    add_table(name, inner, false);
    rows_.back().read = [member, &inner](void* object, const Node& node, const Spot& at) {
      M value{};
      const bool good = inner.read(&value, node, at);
      (static_cast<T*>(object)->*member).emplace(std::move(value));
      return good;
    };
    return *this;
  }

  /// A nested block that may stand up to `most` times: [[site."a".route]].
  template <typename M, typename Owner>
  requires std::derived_from<T, Owner> Block& blocks(std::string_view name, std::vector<M> Owner::*member,
                                                     const Block<M>& inner, std::size_t most) {
    add_table(name, inner, false);
    rows_.back().read = [member, &inner, most](void* object, const Node& node, const Spot& at) {
      const std::vector<Node> items = items_of(node);
      if (items.empty() || items.size() > most)
        return at.bad(node, fmt::format("{} values; 1..{} are possible", items.size(), most));
      bool good = true;
      for (std::size_t i = 0; i < items.size(); ++i) {
        const Spot inside = at.inside(std::to_string(i + 1));
        at.reading.note_place(inside.path, items[i].place);
        M value{};
        good = inner.read(&value, items[i], inside) && good;
        (static_cast<T*>(object)->*member).push_back(std::move(value));
      }
      return good;
    };
    return *this;
  }

  /// One nested block for each name. `start(parent, name)` makes the value that its keys then change; rows
  /// above this one have been read by then.
  template <typename M, typename Owner, typename Start>
  requires std::derived_from<T, Owner> Block& named(std::string_view name, std::vector<M> Owner::*member,
                                                    const Block<M>& inner, Start start) {
    add_table(name, inner, true);
    rows_.back().read = [member, &inner, start](void* object, const Node& node, const Spot& at) {
      if (node.kind != Node::Kind::table)
        return at.bad(node, fmt::format("needs a name: [{}.\"name\"]", at.path));
      T& parent = *static_cast<T*>(object);
      bool good = true;
      for (const auto& [key, child] : node.members) {
        const Spot inside = at.inside(key);
        if (const std::string meant = name_without_quotes(inner, key, child); !meant.empty()) {
          good = inside.bad(child, fmt::format("a name with dots needs quotes: [{}.\"{}\"]", at.path, meant));
          continue;
        }
        at.reading.note_place(inside.path, child.place);
        M value = start(parent, key);
        good = inner.read(&value, child, inside) && good;
        (parent.*member).push_back(std::move(value));
      }
      return good;
    };
    return *this;
  }

  /// Rows that several blocks share, added by a function of their own.
  Block& rows(void (*shared)(Block&)) {
    shared(*this);
    return *this;
  }
  using Table::rows;

  /// The key that a plain value in place of the block stands for.
  Block& shorthand(std::string_view name) {
    shorthand_ = name;
    return *this;
  }

  /// Says that this block stands in a list, for help: [[like.this]].
  Block& repeated() {
    repeated_ = true;
    return *this;
  }

  /// The same block with some of its keys, for a place where `fallback` says what holds when one is absent.
  Block only(std::string_view help, std::string_view fallback,
             std::initializer_list<std::string_view> names) const {
    Block out(help);
    for (const std::string_view name : names) {
      const Row* found = row(name);
      if (found == nullptr) continue;
      out.rows_.push_back(*found);
      out.rows_.back().fallback = fallback;
    }
    return out;
  }

 private:
  void add(std::string_view name, std::string type, std::string range, std::string fallback,
           std::string_view help, std::string_view source) {
    rows_.push_back(Row{std::string(name), std::move(type), std::move(range), std::move(fallback),
                        std::string(help), std::string(source), nullptr, false, nullptr});
  }
  void add_table(std::string_view name, const Table& inner, bool is_named) {
    rows_.push_back(
        Row{std::string(name), "", "", "", std::string(inner.help()), "", &inner, is_named, nullptr});
  }
};

/// Reads a T from a document, every bad line at once. Errors: config.invalid.
/// folder  relative paths start there
template <typename T>
Result<T> parse(const Node& node, const Block<T>& block, std::filesystem::path folder = {}) {
  Reading reading(std::move(folder), &block);
  T value{};
  block.read(&value, node, Spot{reading, ""});
  if (!reading.ok()) return reading.error();
  return value;
}

/// Sets one key of an object from text, as a command line gives it. `key` is dotted. Errors: config.invalid.
template <typename T>
Result<> apply(const Block<T>& block, T& object, std::string_view key, std::string_view text) {
  Reading reading({}, &block);
  Node node = empty_document("command line");
  if (!overlay(node, key, text)) reading.add(flag_place(key), key, "is no key");
  T changed = object;
  if (reading.ok()) block.read(&changed, node, Spot{reading, ""});
  if (!reading.ok()) return reading.error();
  object = std::move(changed);
  return {};
}

}  // namespace sally::config
