// config/node.h - what a configuration says and on which line, before anyone knows what it means.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sally::config {

/// Where a value was written.
struct Place {
  std::shared_ptr<const std::string> source;  ///< the file as the user named it, or a flag: "--listen"
  std::uint32_t line = 0;                     ///< from 1; 0: the source has no lines

  /// "sallyport.toml:12", or the source alone.
  std::string text() const;
};

/// A value of TOML. Tables keep their members in the order of the file.
struct Node {
  enum class Kind : std::uint8_t { boolean, integer, real, text, date, list, table };
  struct Member;

  Kind kind = Kind::table;
  Place place;
  /// From the command line: `text` may stand for a value of any kind, and commas separate a list's items.
  bool loose = false;
  std::uint8_t origin = 0;    ///< the parser's: how a table came to be
  std::uint32_t section = 0;  ///< the parser's: under which header
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;             ///< of a text; of a date its written form
  std::vector<Node> items;      ///< of a list
  std::vector<Member> members;  ///< of a table; no name twice

  /// The member of that name, or nullptr. Only tables have members.
  const Node* find(std::string_view name) const;
  Node* find(std::string_view name);
  /// The value as a message should repeat it: quoted text (shortened), digits, "a list", "a table".
  std::string shown() const;
};

struct Node::Member {
  std::string name;
  Node value;
};

/// An empty table that stands for the whole of `source`.
Node empty_document(std::string_view source);

/// Where a flag of that name is: "--name". Problems of a place without lines do not repeat the key.
Place flag_place(std::string_view name);

/// A key as TOML would write it: bare if it can be, else in quotes.
std::string written_key(std::string_view key);

/// Splits a dotted key, `site."example.com".files`, into its names. Empty result: it is no key.
std::vector<std::string> split_key(std::string_view dotted);

/// Puts a value from the command line over what the document says; tables on the way are made.
///
/// root    a table
/// key     dotted, as split_key() reads it; at most 8 names
/// text    the value; see Node::loose
///
/// returns false when the key cannot be read, or a name on its way is no table in the document
bool overlay(Node& root, std::string_view key, std::string_view text);

}  // namespace sally::config
