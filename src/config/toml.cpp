#include "config/toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sstream>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/toml.h>

namespace sally::config {
namespace {

using Source = std::shared_ptr<const std::string>;

Place place_at(const Source& source, const toml::source_region& region) {
  return Place{source, static_cast<std::uint32_t>(region.begin.line)};
}

/// Looks the text over before the library does, for what the library cannot bear: keys with too many names,
/// `a.b.c.d...`, for each of which it builds (and destroys, recursively) a table; and letters beyond ASCII
/// outside of quotes and comments, where TOML has none and version 3.3 of the library runs into undefined
/// behaviour.
class FirstLook {
 public:
  explicit FirstLook(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  /// What is wrong, or "". Afterwards line() says where.
  std::string_view fault() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (static_cast<unsigned char>(c) >= 0x80) return "a letter beyond ASCII needs quotes around it";
      if (c == '.' && ++dots_ >= kKeyDepthLimit) return kTooDeep;
      if (c == '\n') ++line_;
      if (std::string_view("\n=,[]{}").contains(c)) dots_ = 0;
      ++at_;
    }
    return {};
  }
  std::uint32_t line() const { return line_; }

 private:
  void skip_string(char quote) {
    const std::string triple(3, quote);
    const bool multi_line = text_.substr(at_).starts_with(triple);
    const std::string_view end =
        multi_line ? std::string_view(triple) : std::string_view(triple).substr(0, 1);
    for (at_ += end.size(); at_ < text_.size() && !text_.substr(at_).starts_with(end); ++at_) {
      if (text_[at_] == '\\' && quote == '"') ++at_;
      if (at_ >= text_.size() || text_[at_] != '\n') continue;
      if (!multi_line) return;  // no end on this line: the library will say so
      ++line_;
    }
    at_ = std::min(at_ + end.size(), text_.size());
    // Up to two quotes may stand before the closing three (TOML 1.0, "String"): """a""""" holds a"".
    for (int extra = 0; multi_line && extra < 2 && at_ < text_.size() && text_[at_] == quote; ++extra) ++at_;
  }

  static constexpr std::string_view kTooDeep = "a key of more than 8 names";
  static_assert(kKeyDepthLimit == 8);

  std::string_view text_;
  std::size_t at_ = 0, dots_ = 0;
  std::uint32_t line_ = 1;
};

Node to_node(const toml::node& from, const Source& source);

void add_members(Node& to, const toml::table& table, const Source& source) {
  struct Entry {
    const toml::key* key;
    const toml::node* value;
  };
  std::vector<Entry> entries;
  for (const auto& [key, value] : table) entries.push_back({&key, &value});
  // The library sorts by name; people expect the order in which they wrote.
  std::ranges::sort(entries, {}, [](const Entry& e) {
    return std::pair(e.key->source().begin.line, e.key->source().begin.column);
  });
  for (const Entry& e : entries) {
    to.members.push_back({std::string(e.key->str()), to_node(*e.value, source)});
    // A table's own position is its header's last part; the key is where a reader looks.
    if (Place& place = to.members.back().value.place; place.line == 0)
      place = place_at(source, e.key->source());
  }
}

template <typename T>
std::string date_text(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

Node to_node(const toml::node& from, const Source& source) {
  Node node;
  node.place = place_at(source, from.source());
  from.visit([&](const auto& value) {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (toml::is_table<Value>) {
      add_members(node, value, source);
    } else if constexpr (toml::is_array<Value>) {
      node.kind = Node::Kind::list;
      for (const toml::node& item : value) node.items.push_back(to_node(item, source));
    } else if constexpr (toml::is_string<Value>) {
      node.kind = Node::Kind::text;
      node.text = value.get();
    } else if constexpr (toml::is_integer<Value>) {
      node.kind = Node::Kind::integer;
      node.integer = value.get();
    } else if constexpr (toml::is_floating_point<Value>) {
      node.kind = Node::Kind::real;
      node.real = value.get();
    } else if constexpr (toml::is_boolean<Value>) {
      node.kind = Node::Kind::boolean;
      node.boolean = value.get();
    } else {
      node.kind = Node::Kind::date;
      node.text = date_text(value.get());
    }
  });
  return node;
}

/// The library's sentence without its first words and without control bytes, with a hint where people
/// stumble.
std::string reason(std::string_view description) {
  constexpr std::string_view kStart = "Error while parsing ";
  if (description.starts_with(kStart)) description.remove_prefix(kStart.size());
  std::string out;
  for (const char c : description) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  if (out.contains("could not determine value type")) out += "; a text needs quotes around it";
  return out;
}

struct FileCloser {
  void operator()(std::FILE* f) const { std::fclose(f); }
};

std::unexpected<Error> unreadable(const std::string& name, int code) {
  return fail(kUnreadable, fmt::format("{}: {}", name, std::strerror(code)));
}

}  // namespace

Result<Node> parse_toml(std::string_view text, std::string_view name) {
  const auto source = std::make_shared<const std::string>(name);
  if (text.size() > kFileLimitBytes)
    return fail(kSyntax, fmt::format("{}: longer than {} bytes, the limit for a configuration", name,
                                     kFileLimitBytes));
  FirstLook look(text);
  if (const std::string_view fault = look.fault(); !fault.empty())
    return fail(kSyntax, fmt::format("{}:{}: {}", name, look.line(), fault));
  try {
    const toml::table table = toml::parse(text);
    Node root = to_node(table, source);
    root.place.line = 0;
    return root;
  } catch (const toml::parse_error& e) {
    return fail(kSyntax, fmt::format("{}:{}: {}", name, e.source().begin.line, reason(e.description())));
  }
}

Result<Node> read_toml(const std::filesystem::path& path) {
  const std::string name = path.string();
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(name.c_str(), "rbe"));
  if (!file) return unreadable(name, errno);
  std::string text(kFileLimitBytes + 1, '\0');
  const std::size_t size = std::fread(text.data(), 1, text.size(), file.get());
  if (std::ferror(file.get()) != 0) return unreadable(name, errno);
  text.resize(size);
  return parse_toml(text, name);
}

}  // namespace sally::config
