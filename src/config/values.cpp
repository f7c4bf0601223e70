#include "config/values.h"

#include "base/ascii.h"
#include "base/number.h"

namespace sally::config {
namespace {

using Kind = Node::Kind;
using std::chrono::milliseconds;

bool outside(const Node& node, const Spot& at, const std::string& range) {
  return at.bad(node, fmt::format("{} is outside {}", node.shown(), range));
}

/// A number that was written as one, or as digits on the command line.
std::optional<std::uint64_t> digits(const Node& node) {
  if (node.kind == Kind::integer && node.integer >= 0) return static_cast<std::uint64_t>(node.integer);
  if (node.kind == Kind::text && node.loose) return parse_number<std::uint64_t>(node.text);
  return std::nullopt;
}

}  // namespace

bool Switch::read(const Node& node, bool& out, const Spot& at) const {
  if (node.kind == Kind::boolean) {
    out = node.boolean;
    return true;
  }
  if (!node.loose || (node.text != "true" && node.text != "false"))
    return at.bad(node, fmt::format("needs true or false, not {}", node.shown()));
  out = node.text == "true";
  return true;
}

std::optional<std::uint64_t> Bounds::count(const Node& node, const Spot& at) const {
  const auto value = digits(node);
  if (!value && node.kind != Kind::integer) {
    at.bad(node, fmt::format("needs a whole number, {}, not {}", range(false), node.shown()));
    return std::nullopt;
  }
  if (value && ((*value >= least && *value <= most) || (*value == 0 && !zero.empty()))) return value;
  outside(node, at, range(false));
  return std::nullopt;
}

std::optional<std::uint64_t> Bounds::size(const Node& node, const Spot& at) const {
  auto value = digits(node);
  if (!value && node.kind == Kind::text) value = parse_size(node.text);
  if (!value && node.kind != Kind::integer) {
    at.bad(node, fmt::format("needs a size such as \"16KiB\", \"1MiB\" or a number of bytes, not {}",
                             node.shown()));
    return std::nullopt;
  }
  if (value && ((*value >= least && *value <= most) || (*value == 0 && !zero.empty()))) return value;
  outside(node, at, range(true));
  return std::nullopt;
}

std::string Bounds::range(bool as_size) const {
  const std::string span =
      as_size ? show_size(least) + ".." + show_size(most) : fmt::format("{}..{}", least, most);
  if (zero.empty()) return span;
  return least == 0 ? fmt::format("{}; 0: {}", span, zero) : fmt::format("{}, or 0: {}", span, zero);
}

std::string Bounds::show(std::uint64_t value, bool as_size) const {
  const std::string shown = as_size ? show_size(value) : std::to_string(value);
  return std::ranges::all_of(shown, is_digit) ? shown : '"' + shown + '"';
}

bool Time::read(const Node& node, milliseconds& out, const Spot& at) const {
  std::optional<milliseconds> value;
  if (node.kind == Kind::text) value = parse_duration(node.text);
  if (node.kind == Kind::integer && node.integer >= 0) value = parse_duration(std::to_string(node.integer));
  if (!value && node.kind != Kind::integer)
    return at.bad(
        node, fmt::format("needs a duration such as \"250ms\", \"10s\", \"5m\", \"12h\", \"30d\" or a number "
                          "of seconds, not {}",
                          node.shown()));
  if (!value || *value < least || *value > most) return outside(node, at, range());
  out = *value;
  return true;
}

bool Time::read(const Node& node, std::chrono::seconds& out, const Spot& at) const {
  milliseconds value{};
  if (!read(node, value, at)) return false;
  const auto whole = std::chrono::floor<std::chrono::seconds>(value);
  if (whole != value) return at.bad(node, node.shown() + " is no whole number of seconds");
  out = whole;
  return true;
}

bool Frequency::read(const Node& node, Rate& out, const Spot& at) const {
  const auto value = node.kind == Kind::text ? parse_rate(node.text) : std::nullopt;
  if (!value) return at.bad(node, fmt::format("needs a rate such as \"200 + 20/s\", not {}", node.shown()));
  if (value->burst < 1 || value->burst > most || value->per_second < 1 || value->per_second > most)
    return outside(node, at, range());
  out = *value;
  return true;
}

bool Text::read(const Node& node, std::string& out, const Spot& at) const {
  if (node.kind != Kind::text)
    return at.bad(node, fmt::format("needs a text in quotes, not {}", node.shown()));
  if (node.text.find('\0') != std::string::npos) return at.bad(node, "has a zero byte in it");
  if (const std::string why = check == nullptr ? "" : check(node.text); !why.empty())
    return at.bad(node, fmt::format("{}: {}", node.shown(), why));
  out = node.text;
  return true;
}

bool Path::read(const Node& node, std::filesystem::path& out, const Spot& at) const {
  if (node.kind != Kind::text)
    return at.bad(node, fmt::format("needs a path in quotes, not {}", node.shown()));
  if (node.text.empty()) return at.bad(node, "is an empty path");
  if (node.text.find('\0') != std::string::npos) return at.bad(node, "has a zero byte in it");
  // What a command line names is where its user stands; what a file names is beside the file.
  out = node.loose ? Reading().absolute(node.text) : at.reading.absolute(node.text);
  return true;
}

bool bad_word(const Node& node, const Spot& at, std::span<const std::string_view> known) {
  const std::string words = fmt::format("{}", fmt::join(known, ", "));
  const auto word = word_of(node);
  if (!word) return at.bad(node, fmt::format("needs one of {}, not {}", words, node.shown()));
  return at.bad(node, fmt::format("{} is none of {}{}", node.shown(), words, did_you_mean(*word, known)));
}

std::optional<std::string> word_of(const Node& node) {
  if (node.kind == Kind::list || node.kind == Kind::table) return std::nullopt;
  return node.kind == Kind::text ? node.text : node.shown();
}

std::vector<Node> items_of(const Node& node) {
  if (node.kind == Kind::list) return node.items;
  if (node.kind != Kind::text || !node.loose) return {node};
  std::vector<Node> items;
  for (std::string_view rest = node.text; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    Node item = node;
    item.text = trim(rest.substr(0, end));
    items.push_back(std::move(item));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return items;
}

}  // namespace sally::config
