#include "config/toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "base/ascii.h"
#include "config/toml_scalar.h"

namespace sally::config {
namespace {

using Kind = Node::Kind;

bool is_bare(char c) { return is_alpha(c) || is_digit(c) || c == '_' || c == '-'; }

/// The length of the UTF-8 sequence at the front, 0 if there is none: overlong forms and surrogates are none
/// (RFC 3629 3).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if ((first & 0xf0) == 0xe0) {
    const bool good =
        follows(1) && follows(2) && !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second > 0x9f);
    return good ? 3 : 0;
  }
  const bool good = first >= 0xf0 && first <= 0xf4 && follows(1) && follows(2) && follows(3) &&
                    !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second > 0x8f);
  return good ? 4 : 0;
}

/// The line of the first byte that is no UTF-8.
std::optional<std::uint32_t> bad_utf8(std::string_view text) {
  std::uint32_t line = 1;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || text[0] == '\0') return line;
    if (text[0] == '\n') ++line;
    text.remove_prefix(length);
  }
  return std::nullopt;
}

/// How a table came to be decides who may add to it (TOML 1.0, "Table").
enum Origin : std::uint8_t {
  kImplied,  ///< the `a` of [a.b]: [a] may still come
  kHeader,   ///< [a]
  kDotted,   ///< the `a` of a.b = 1: more dotted keys may come in the same section
  kClosed,   ///< { ... } or [ ... ]: complete as it stands
};

class TomlParser {
 public:
  TomlParser(std::string_view text, const std::shared_ptr<const std::string>& source)
      : in_(text), source_(source) {
    root_.place.source = source;
    if (in_.looking_at("\xef\xbb\xbf")) in_.skip(3);
  }

  bool run() {
    section_ = &root_;
    while (!in_.at_end()) {
      in_.skip_blanks();
      if (in_.peek() == '[') {
        if (!header()) return false;
      } else if (!in_.at_newline() && in_.peek() != '#' && !in_.at_end()) {
        if (!pair(*section_, 0)) return false;
      }
      if (!end_of_line()) return false;
    }
    return true;
  }
  Node take_root() { return std::move(root_); }
  const Cursor& cursor() const { return in_; }

 private:
  using Names = std::vector<std::string>;

  Place here() const { return Place{source_, in_.line()}; }

  bool comment() {
    for (in_.skip(); !in_.at_end() && !in_.at_newline(); in_.skip()) {
      const auto c = static_cast<unsigned char>(in_.peek());
      if ((c < 0x20 && c != '\t') || c == 0x7f) return in_.fail("a control character in a comment");
    }
    return true;
  }

  bool end_of_line() {
    in_.skip_blanks();
    if (in_.peek() == '#' && !comment()) return false;
    if (in_.at_end()) return true;
    if (!in_.at_newline()) return in_.fail("something stands behind the end of this line's value or header");
    in_.skip(in_.peek() == '\r' ? 2 : 1);
    return true;
  }

  /// Blanks, line ends and comments, as between the items of a list.
  bool skip_space() {
    while (true) {
      in_.skip_blanks();
      if (in_.peek() == '#') {
        if (!comment()) return false;
      } else if (in_.at_newline()) {
        in_.skip(in_.peek() == '\r' ? 2 : 1);
      } else {
        return true;
      }
    }
  }

  bool key(Names& names) {
    do {
      in_.skip_blanks();
      std::string name;
      if (in_.peek() == '"' || in_.peek() == '\'') {
        if (!read_toml_text(in_, name, false)) return false;
      } else {
        for (; is_bare(in_.peek()); in_.skip()) name += in_.peek();
        if (name.empty()) return in_.fail(no_key());
      }
      names.push_back(std::move(name));
      if (names.size() > kKeyDepthLimit)
        return in_.fail(fmt::format("a key of more than {} names", kKeyDepthLimit));
      in_.skip_blanks();
    } while (in_.take('.'));
    return true;
  }
  std::string no_key() const {
    const auto c = static_cast<unsigned char>(in_.peek());
    return c >= 0x80 ? "a letter beyond ASCII needs quotes around it" : "a key is missing";
  }

  static std::string shown(const Names& names, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0) out += '.';
      out += written_key(names[i]);
    }
    return out;
  }

  bool header() {
    const std::uint32_t line = in_.line();
    in_.skip();
    const bool list = in_.take('[');
    Names names;
    if (!key(names)) return false;
    if (!in_.take(']') || (list && !in_.take(']')))
      return in_.fail(fmt::format("{} is missing", list ? "]]" : "]"));
    ++sections_;
    Node* at = &root_;
    for (std::size_t i = 0; i + 1 < names.size(); ++i)
      if (at = step_into(*at, names, i, line); at == nullptr) return false;
    section_ = list ? open_item(*at, names, line) : open_table(*at, names, line);
    return section_ != nullptr;
  }

  Node* step_into(Node& table, const Names& names, std::size_t i, std::uint32_t line) {
    Node* next = table.find(names[i]);
    if (next == nullptr) return add(table, names[i], kImplied, line);
    if (next->kind == Kind::list && next->origin == kHeader) next = &next->items.back();
    if (next->kind == Kind::table && next->origin != kClosed) return next;
    in_.fail_at(line, fmt::format("{} is complete since line {}; nothing can be added to it",
                                  shown(names, i + 1), next->place.line));
    return nullptr;
  }

  Node* open_table(Node& parent, const Names& names, std::uint32_t line) {
    Node* table = parent.find(names.back());
    if (table == nullptr) return add(parent, names.back(), kHeader, line);
    if (table->kind == Kind::table && table->origin == kImplied) {
      table->origin = kHeader;
      table->place.line = line;
      return table;
    }
    in_.fail_at(line, fmt::format("{} stands there already, at line {}", shown(names, names.size()),
                                  table->place.line));
    return nullptr;
  }

  Node* open_item(Node& parent, const Names& names, std::uint32_t line) {
    Node* list = parent.find(names.back());
    if (list == nullptr) {
      list = add(parent, names.back(), kHeader, line);
      if (list == nullptr) return nullptr;
      list->kind = Kind::list;
    }
    if (list->kind != Kind::list || list->origin != kHeader) {
      in_.fail_at(line, fmt::format("{} stands there already, at line {}", shown(names, names.size()),
                                    list->place.line));
      return nullptr;
    }
    if (!room(list->items.size(), line)) return nullptr;
    Node item;
    item.place = Place{source_, line};
    item.origin = kHeader;
    list->items.push_back(std::move(item));
    return &list->items.back();
  }

  bool room(std::size_t size, std::uint32_t line) {
    return size < kMembersLimit ||
           in_.fail_at(line, fmt::format("more than {} entries in one place", kMembersLimit));
  }

  /// A new, empty table. nullptr: there are too many.
  Node* add(Node& table, const std::string& name, Origin origin, std::uint32_t line) {
    if (!room(table.members.size(), line)) return nullptr;
    table.members.push_back({name, Node{}});
    Node& made = table.members.back().value;
    made.place = Place{source_, line};
    made.origin = origin;
    made.section = sections_;
    return &made;
  }

  /// key = value, in a section or in an inline table.
  bool pair(Node& table, std::size_t depth) {
    const std::uint32_t line = in_.line();
    Names names;
    if (!key(names)) return false;
    if (!in_.take('=')) return in_.fail(fmt::format("= is missing after {}", shown(names, names.size())));
    in_.skip_blanks();
    Node read;
    if (!value(read, depth)) return false;
    Node* at = &table;
    for (std::size_t i = 0; i + 1 < names.size(); ++i)
      if (at = step_dotted(*at, names, i, line); at == nullptr) return false;
    if (const Node* old = at->find(names.back()))
      return in_.fail_at(line, fmt::format("{} stands there already, at line {}", shown(names, names.size()),
                                           old->place.line));
    if (!room(at->members.size(), line)) return false;
    at->members.push_back({names.back(), std::move(read)});
    return true;
  }

  Node* step_dotted(Node& table, const Names& names, std::size_t i, std::uint32_t line) {
    Node* next = table.find(names[i]);
    if (next == nullptr) return add(table, names[i], kDotted, line);
    const bool same_section = next->origin == kDotted && next->section == sections_;
    if (next->kind == Kind::table && (same_section || next->origin == kImplied)) {
      next->origin = kDotted;
      next->section = sections_;
      return next;
    }
    in_.fail_at(line, fmt::format("{} is complete since line {}; nothing can be added to it",
                                  shown(names, i + 1), next->place.line));
    return nullptr;
  }

  bool value(Node& out, std::size_t depth) {
    out.place = here();
    out.origin = kClosed;
    const char c = in_.peek();
    if (c == '[' || c == '{') {
      if (depth >= kNestingLimit)
        return in_.fail(fmt::format("lists and tables nested deeper than {}", kNestingLimit));
      return c == '[' ? list(out, depth + 1) : inline_table(out, depth + 1);
    }
    if (c != '"' && c != '\'') return read_toml_scalar(in_, out);
    out.kind = Kind::text;
    return read_toml_text(in_, out.text, true);
  }

  bool list(Node& out, std::size_t depth) {
    out.kind = Kind::list;
    in_.skip();
    while (true) {
      if (!skip_space()) return false;
      if (in_.take(']')) return true;
      if (in_.at_end()) return in_.fail_at(out.place.line, "a list without its end, ]");
      if (!room(out.items.size(), in_.line())) return false;
      Node item;
      if (!value(item, depth)) return false;
      out.items.push_back(std::move(item));
      if (!skip_space()) return false;
      if (!in_.take(',') && in_.peek() != ']')
        return in_.at_end() ? in_.fail_at(out.place.line, "a list without its end, ]")
                            : in_.fail("a comma or ] is missing");
    }
  }

  bool inline_table(Node& out, std::size_t depth) {
    out.kind = Kind::table;
    in_.skip();
    in_.skip_blanks();
    if (in_.take('}')) return true;
    // Dotted keys may meet only those of the same braces.
    const std::uint32_t outer = sections_;
    sections_ = ++inline_tables_ | kInlineSection;
    bool good = true;
    do {
      in_.skip_blanks();
      good = pair(out, depth);
      in_.skip_blanks();
    } while (good && in_.take(','));
    sections_ = outer;
    if (!good) return false;
    return in_.take('}') || in_.fail("a comma or } is missing; { ... } must stand on one line");
  }

  static constexpr std::uint32_t kInlineSection = 0x8000'0000;

  Cursor in_;
  std::shared_ptr<const std::string> source_;
  Node root_;
  Node* section_ = nullptr;  ///< the table of the last header; stable until the next one
  std::uint32_t sections_ = 0, inline_tables_ = 0;
};

struct FileCloser {
  void operator()(std::FILE* f) const { std::fclose(f); }
};

std::unexpected<Error> unreadable(const std::string& name, int code) {
  return fail(kUnreadable, fmt::format("{}: {}", name, std::strerror(code)));
}

}  // namespace

Result<Node> parse_toml(std::string_view text, std::string_view name) {
  if (text.size() > kFileLimitBytes)
    return fail(kSyntax, fmt::format("{}: longer than {} bytes, the limit for a configuration", name,
                                     kFileLimitBytes));
  if (const auto line = bad_utf8(text))
    return fail(kSyntax, fmt::format("{}:{}: a byte that is no UTF-8 text", name, *line));
  TomlParser parser(text, std::make_shared<const std::string>(name));
  if (!parser.run())
    return fail(kSyntax,
                fmt::format("{}:{}: {}", name, parser.cursor().fault_line(), parser.cursor().fault()));
  return parser.take_root();
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
