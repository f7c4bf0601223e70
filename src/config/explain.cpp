#include "config/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/json.h"

namespace sally::config {
namespace {

constexpr std::string_view kName = "\"NAME\"";

void collect(const Table& table, const std::string& block, std::vector<Entry>& out) {
  for (const Row& row : table.rows())
    if (row.table == nullptr) out.push_back({block, &table, &row});
  for (const Row& row : table.rows()) {
    if (row.table == nullptr) continue;
    const std::string inner = (block.empty() ? "" : block + ".") + row.name;
    collect(*row.table, row.named ? fmt::format("{}.{}", inner, kName) : inner, out);
  }
}

/// `site."NAME".tls` and `site."example.com".tls` as `site.tls`.
std::string without_names(std::string_view key) {
  std::string out;
  bool quoted = false;
  for (const char c : key) {
    if (c == '"' || c == '\'') {
      quoted = !quoted;
      if (quoted && out.ends_with('.')) out.pop_back();
    } else if (!quoted) {
      out += c;
    }
  }
  return out;
}

/// The header of a block as one writes it, "" at the top.
std::string header_of(const Table& table, const std::string& block) {
  if (block.empty()) return "";
  return table.repeated() ? "[[" + block + "]]" : "[" + block + "]";
}

bool fits(const std::string& key, std::string_view wanted) {
  return key == wanted || (key.starts_with(wanted) && key[wanted.size()] == '.');
}

/// `text` in lines of at most `width` columns, each after `indent` spaces. Choices ("a|b|c") may be broken
/// too.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out, line;
  const std::string start(indent, ' ');
  for (bool glued = false; !text.empty();) {
    const std::size_t end = std::min(text.find_first_of(" |"), text.size());
    const bool choice = end < text.size() && text[end] == '|';
    const std::string_view piece = text.substr(0, end + (choice ? 1 : 0));
    const std::string_view gap = line.empty() || glued ? "" : " ";
    if (!line.empty() && indent + line.size() + gap.size() + piece.size() > width) {
      out += start + std::exchange(line, std::string(piece)) + "\n";
    } else {
      line.append(gap).append(piece);
    }
    glued = choice;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return line.empty() ? out : out + start + line + "\n";
}

/// "duration, 1s..2m", or what it says of itself.
std::string values_of(const Row& row) {
  if (row.range.empty()) return row.type;
  return row.type == "count" ? row.range : row.type + ", " + row.range;
}

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// For a cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*' || c == '_') out += '\\';
    out += c;
  }
  return out;
}
std::string code(std::string_view text) {
  if (text.empty()) return "";
  std::string out = "`";
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out + "`";
}

}  // namespace

std::string Entry::key() const { return block.empty() ? row->name : block + "." + row->name; }

std::vector<Entry> entries(const Table& top, std::string_view wanted) {
  std::vector<Entry> all;
  collect(top, "", all);
  if (wanted.empty()) return all;
  std::string plain = without_names(wanted);
  std::vector<Entry> out;
  std::ranges::copy_if(all, std::back_inserter(out),
                       [&](const Entry& e) { return fits(without_names(e.key()), plain); });
  if (!out.empty()) return out;
  std::ranges::copy_if(all, std::back_inserter(out), [&](const Entry& e) {
    const std::string key = without_names(e.key());
    return e.row->name == plain || key.ends_with("." + plain) || key.contains("." + plain + ".");
  });
  return out;
}

std::vector<std::string> known_names(const Table& top) {
  std::set<std::string> names;
  for (const Entry& entry : entries(top)) {
    names.insert(without_names(entry.key()));
    names.insert(entry.row->name);
    if (!entry.block.empty()) names.insert(without_names(entry.block));
  }
  return {names.begin(), names.end()};
}

std::string explain_text(const std::vector<Entry>& entries, std::size_t width) {
  constexpr std::size_t kValuesColumn = 38, kHelpIndent = 6;
  std::string out;
  const Table* table = nullptr;
  std::string block;
  for (const Entry& entry : entries) {
    if (entry.table != table || entry.block != block) {
      table = entry.table;
      block = entry.block;
      const std::string title = block.empty() ? "at the top" : header_of(*table, block);
      out += (out.empty() ? "" : "\n") + title + "\n" + wrapped(table->help(), 2, width) + "\n";
    }
    const Row& row = *entry.row;
    std::string line = "  " + row.name + (row.fallback.empty() ? "" : " = " + row.fallback);
    const std::string values = values_of(row);
    const std::size_t gap = line.size() + 2 <= kValuesColumn ? kValuesColumn - line.size() : 2;
    if (line.size() + gap + values.size() <= width) {
      out += line + (values.empty() ? "" : std::string(gap, ' ') + values) + "\n";
    } else {
      out += line + "\n" + wrapped(values, kHelpIndent, width);
    }
    out += wrapped(row.source.empty() ? row.help : fmt::format("{} ({})", row.help, row.source), kHelpIndent,
                   width);
  }
  return out;
}

std::string explain_markdown(const std::vector<Entry>& entries) {
  std::string out = "# Every key of sallyport.toml\n";
  const Table* table = nullptr;
  std::string block;
  for (const Entry& entry : entries) {
    if (entry.table != table || entry.block != block) {
      table = entry.table;
      block = entry.block;
      const std::string title = block.empty() ? "At the top" : "`" + header_of(*table, block) + "`";
      out += fmt::format("\n## {}\n\n{}\n\n", title, table->help());
      out += "| Key | Default | Values | What it does | Source |\n|---|---|---|---|---|\n";
    }
    const Row& row = *entry.row;
    const std::string fallback = row.fallback.starts_with("as in ") ? row.fallback : code(row.fallback);
    out += fmt::format("| {} | {} | {} | {} | {} |\n", code(row.name), fallback, cell(values_of(row)),
                       cell(row.help), cell(row.source));
  }
  return out;
}

std::string explain_json(const std::vector<Entry>& entries) {
  std::string out = "[";
  for (const Entry& entry : entries) {
    const Row& row = *entry.row;
    out += fmt::format(
        "{}\n  {{\"key\": {}, \"type\": {}, \"range\": {}, \"default\": {}, \"help\": {}, \"source\": {}}}",
        out == "[" ? "" : ",", json(entry.key()), json(row.type), json(row.range), json(row.fallback),
        json(row.help), json(row.source));
  }
  return out + "\n]\n";
}

}  // namespace sally::config
