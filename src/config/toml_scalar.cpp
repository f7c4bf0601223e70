#include "config/toml_scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.h"
#include "base/number.h"

namespace sally::config {
namespace {

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t b) { out += static_cast<char>(b); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
  }
  byte(0x80 | (code & 0x3f));
}

/// What follows \u or \U: a Unicode scalar value, so no surrogate.
bool read_code_point(Cursor& in, std::size_t digits, std::string& out) {
  const auto code = parse_number<std::uint32_t>(in.rest().substr(0, digits), 16);
  if (in.rest().size() < digits || !code || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
    return in.fail(
        fmt::format("\\{} needs {} hexadecimal digits of a character", digits == 4 ? 'u' : 'U', digits));
  in.skip(digits);
  append_utf8(out, *code);
  return true;
}

/// The cursor is behind the backslash.
bool read_escape(Cursor& in, std::string& out) {
  constexpr std::string_view kLetters = "btnfr\"\\", kMeanings = "\b\t\n\f\r\"\\";
  const char letter = in.peek();
  if (const std::size_t at = kLetters.find(letter); at != kLetters.npos && !in.at_end()) {
    out += kMeanings[at];
    in.skip();
    return true;
  }
  if (letter != 'u' && letter != 'U')
    return in.fail("a backslash in \"...\" needs one of b t n f r \" \\ u U behind it; write paths as '...'");
  in.skip();
  return read_code_point(in, letter == 'u' ? 4 : 8, out);
}

/// A backslash at the end of a line takes the line's end away, and the blanks before the next word. True if
/// it was one.
bool skip_folded_line(Cursor& in) {
  Cursor ahead = in;
  ahead.skip_blanks();
  if (!ahead.at_newline()) return false;
  while (ahead.at_newline() || ahead.peek() == ' ' || ahead.peek() == '\t') ahead.skip();
  in = ahead;
  return true;
}

bool read_one_line(Cursor& in, char quote, std::string& out) {
  while (!in.take(quote)) {
    if (in.at_end() || in.at_newline()) return in.fail(fmt::format("a text without its end, {}", quote));
    if (is_control(in.peek())) return in.fail("a control character in a text; write it with a backslash");
    if (quote == '"' && in.take('\\')) {
      if (!read_escape(in, out)) return false;
      continue;
    }
    out += in.peek();
    in.skip();
  }
  return true;
}

bool read_several_lines(Cursor& in, char quote, std::string& out) {
  const std::string end(3, quote);
  const std::uint32_t first = in.line();
  in.skip(3);
  if (in.at_newline()) in.skip(in.peek() == '\r' ? 2 : 1);
  while (!in.looking_at(end)) {
    if (in.at_end()) return in.fail_at(first, fmt::format("a text without its end, {}", end));
    if (in.at_newline()) {
      in.skip(in.peek() == '\r' ? 2 : 1);
      out += '\n';
    } else if (is_control(in.peek())) {
      return in.fail("a control character in a text; write it with a backslash");
    } else if (quote == '"' && in.take('\\')) {
      if (!skip_folded_line(in) && !read_escape(in, out)) return false;
    } else {
      out += in.peek();
      in.skip();
    }
  }
  in.skip(3);
  // Up to two quotes may stand before the closing three: """a""""" holds a"".
  for (int extra = 0; extra < 2 && in.take(quote); ++extra) out += quote;
  return true;
}

/// Takes the underscores out of digits; nullopt unless each stands between two of them.
std::optional<std::string> without_underscores(std::string_view digits, bool (*is_a_digit)(char)) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] != '_') {
      out += digits[i];
    } else if (i == 0 || i + 1 == digits.size() || !is_a_digit(digits[i - 1]) || !is_a_digit(digits[i + 1])) {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::int64_t> parse_integer(std::string_view word) {
  const bool negative = word.starts_with('-'), is_signed = negative || word.starts_with('+');
  std::string_view digits = word.substr(is_signed ? 1 : 0);
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0' && !is_signed)
    base = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : digits[1] == 'b' ? 2 : 10;
  if (base != 10) digits.remove_prefix(2);
  if (base == 10 && digits.size() > 1 && digits[0] == '0') return std::nullopt;
  const auto plain = without_underscores(digits, base == 16 ? is_hex : is_digit);
  const auto number = plain ? parse_number<std::uint64_t>(*plain, base) : std::nullopt;
  const std::uint64_t most = static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  if (!number || *number > most) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - *number : *number);
}

/// Digits with a fraction, an exponent or both; or inf and nan.
std::optional<double> parse_real(std::string_view word) {
  std::string_view rest = word;
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  const auto plain = without_underscores(rest, is_digit);
  if (!plain) return std::nullopt;
  std::string_view digits = *plain;
  const bool special = digits == "inf" || digits == "nan";
  const std::size_t whole = std::min(digits.find_first_not_of("0123456789"), digits.size());
  if (!special) {
    if (whole == 0 || whole == digits.size() || (digits[0] == '0' && whole > 1)) return std::nullopt;
    std::string_view after = digits.substr(whole);
    if (after.starts_with('.') && (after.size() < 2 || !is_digit(after[1]))) return std::nullopt;
    if (after.find_first_not_of("0123456789.eE+-") != after.npos) return std::nullopt;
  }
  double value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // from_chars takes "1e" as 1 and leaves the rest, and an exponent may have a plus there as in TOML.
  if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
  return word.starts_with('-') ? -value : value;
}

/// `digits` with the shape of "dddd-dd-dd": d is a digit, all else itself.
bool has_shape(std::string_view digits, std::string_view shape) {
  return std::ranges::equal(digits, shape, [](char c, char s) { return s == 'd' ? is_digit(c) : c == s; });
}
bool in_range(std::string_view two_digits, std::uint32_t least, std::uint32_t most) {
  const auto n = parse_number<std::uint32_t>(two_digits);
  return n && *n >= least && *n <= most;
}

bool is_date(std::string_view d) {
  if (!has_shape(d, "dddd-dd-dd") || !in_range(d.substr(5, 2), 1, 12)) return false;
  constexpr std::uint32_t kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const std::uint32_t year = parse_number<std::uint32_t>(d.substr(0, 4)).value_or(0);
  const std::uint32_t month = parse_number<std::uint32_t>(d.substr(5, 2)).value_or(1);
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return in_range(d.substr(8, 2), 1, month == 2 && !leap ? 28 : kDays[month - 1]);
}

bool is_clock(std::string_view t) {
  if (!has_shape(t.substr(0, 8), "dd:dd:dd")) return false;
  if (!in_range(t.substr(0, 2), 0, 23) || !in_range(t.substr(3, 2), 0, 59) ||
      !in_range(t.substr(6, 2), 0, 60))
    return false;
  const std::string_view fraction = t.substr(8);
  return fraction.empty() ||
         (fraction.size() > 1 && fraction[0] == '.' && std::ranges::all_of(fraction.substr(1), is_digit));
}

/// A date, a time, or both with or without an offset (RFC 3339).
bool is_moment(std::string_view word) {
  if (is_clock(word)) return true;
  if (!is_date(word.substr(0, 10))) return false;
  if (word.size() == 10) return true;
  if (!std::string_view("Tt ").contains(word[10])) return false;
  std::string_view clock = word.substr(11);
  if (clock.ends_with('Z') || clock.ends_with('z')) {
    clock.remove_suffix(1);
  } else if (clock.size() > 6 && has_shape(clock.substr(clock.size() - 5), "dd:dd") &&
             std::string_view("+-").contains(clock[clock.size() - 6])) {
    if (!in_range(clock.substr(clock.size() - 5, 2), 0, 23) ||
        !in_range(clock.substr(clock.size() - 2), 0, 59))
      return false;
    clock.remove_suffix(6);
  }
  return is_clock(clock);
}

/// Up to what can follow a value; a blank belongs to it only between a date and a time.
std::string_view word_at(const Cursor& in) {
  const std::string_view rest = in.rest();
  std::size_t end = std::min(rest.find_first_of(" \t\r\n,]}#="), rest.size());
  if (end == 10 && rest.size() > 11 && rest[10] == ' ' && is_digit(rest[11]) && is_date(rest.substr(0, 10)))
    end = std::min(rest.find_first_of(" \t\r\n,]}#=", 11), rest.size());
  return rest.substr(0, end);
}

}  // namespace

bool read_toml_text(Cursor& in, std::string& out, bool several_lines) {
  const char quote = in.peek();
  if (in.peek(1) == quote && in.peek(2) == quote) {
    if (!several_lines) return in.fail("a key cannot have several lines");
    return read_several_lines(in, quote, out);
  }
  in.skip();
  return read_one_line(in, quote, out);
}

bool read_toml_scalar(Cursor& in, Node& out) {
  const std::string_view word = word_at(in);
  if (word.empty()) return in.fail("a value is missing");
  if (word == "true" || word == "false") {
    out.kind = Node::Kind::boolean;
    out.boolean = word == "true";
  } else if (const auto integer = parse_integer(word)) {
    out.kind = Node::Kind::integer;
    out.integer = *integer;
  } else if (const auto real = parse_real(word)) {
    out.kind = Node::Kind::real;
    out.real = *real;
  } else if (is_moment(word)) {
    out.kind = Node::Kind::date;
    out.text = word;
  } else {
    Node shown;
    shown.kind = Node::Kind::text;
    shown.text = word;
    const bool number = is_digit(word[0]) || ((word[0] == '-' || word[0] == '+') && word.size() > 1);
    return in.fail(fmt::format("{} is no {}", shown.shown(),
                               number ? "number" : "value; a text needs quotes around it"));
  }
  in.skip(word.size());
  return true;
}

}  // namespace sally::config
