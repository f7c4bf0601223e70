#include "base/escape.h"

#include <cstdint>

namespace sally {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr char kHexDigits[] = "0123456789abcdef";

std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

void append_hex(std::string& out, std::string_view mark, std::uint8_t value) {
  out += mark;
  out += kHexDigits[value >> 4];
  out += kHexDigits[value & 15];
}

/// Calls `plain` for each ASCII octet, `wide` for each longer sequence (empty: an octet that belongs to
/// none, which is the second argument).
template <typename Plain, typename Wide>
void each(std::string_view text, Plain plain, Wide wide) {
  while (!text.empty()) {
    const std::size_t n = utf8_length(text);
    if (n == 1)
      plain(text[0]);
    else
      wide(text.substr(0, n), octet(text[0]));
    text.remove_prefix(n == 0 ? 1 : n);
  }
}

/// Of a sequence of two or more octets.
char32_t code_point(std::string_view s) {
  char32_t out = octet(s[0]) & (0xffu >> (s.size() + 1));
  for (const char c : s.substr(1)) out = (out << 6) | (octet(c) & 0x3fu);
  return out;
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX 9), and line separators.
bool steers_writing(char32_t c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

void append_json_plain(std::string& out, char c) {
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (octet(c) < 0x20 || c == 0x7f) {
    append_hex(out, "\\u00", octet(c));
  } else {
    out += c;
  }
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint8_t lead = octet(text[0]);
  if (lead < 0x80) return 1;
  const std::size_t n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((octet(text[i]) & 0xC0) != 0x80) return 0;
  const std::uint8_t second = octet(text[1]);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
  if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
  return n;
}

void append_json_escaped(std::string& out, std::string_view text) {
  each(
      text, [&](char c) { append_json_plain(out, c); },
      [&](std::string_view wide, std::uint8_t) { out += wide.empty() ? "\\ufffd" : wide; });
}

void append_json_ascii(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (octet(c) < 0x80)
      append_json_plain(out, c);
    else
      append_hex(out, "\\u00", octet(c));
  }
}

void append_html(std::string& out, std::string_view text) {
  const auto plain = [&](char c) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if ((octet(c) < 0x20 && c != '\t') || c == 0x7f)
          out += kReplacement;
        else
          out += c;
    }
  };
  each(text, plain, [&](std::string_view wide, std::uint8_t) {
    const bool no_character = wide.empty() || wide == "\xEF\xBF\xBE" || wide == "\xEF\xBF\xBF";
    out += no_character ? kReplacement : wide;
  });
}

void append_visible(std::string& out, std::string_view text) {
  const auto plain = [&](char c) {
    if (octet(c) < 0x20 || c == 0x7f)
      append_hex(out, "\\x", octet(c));
    else
      out += c;
  };
  each(text, plain, [&](std::string_view wide, std::uint8_t stray) {
    if (wide.empty()) return append_hex(out, "\\x", stray);
    const char32_t c = code_point(wide);
    if (c < 0xa0) return append_hex(out, "\\x", static_cast<std::uint8_t>(c));
    if (!steers_writing(c)) {
      out += wide;
      return;
    }
    append_hex(out, "\\u{", static_cast<std::uint8_t>(c >> 8));
    append_hex(out, "", static_cast<std::uint8_t>(c & 0xff));
    out += '}';
  });
}

std::string visible(std::string_view text) {
  std::string out;
  append_visible(out, text);
  return out;
}

}  // namespace sally
