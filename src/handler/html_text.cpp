#include "handler/html_text.h"

#include <cstdint>

#include "base/ascii.h"

namespace sally::handler {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr char kHexDigits[] = "0123456789ABCDEF";

/// How many octets the UTF-8 sequence at the front takes; 0: none is there. Surrogates, overlong forms and
/// what lies above U+10FFFF are none (RFC 3629 4).
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  if ((lead == 0xE0 && at(1) < 0xA0) || (lead == 0xED && at(1) > 0x9F)) return 0;
  if ((lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) > 0x8F)) return 0;
  return n;
}

/// Calls `plain` for each ASCII octet and copies whole sequences of others.
template <typename Plain>
void each(std::string& out, std::string_view text, Plain plain) {
  while (!text.empty()) {
    const std::size_t n = utf8_length(text);
    if (n == 1)
      plain(text[0]);
    else
      out += n == 0 ? kReplacement : text.substr(0, n);
    text.remove_prefix(n == 0 ? 1 : n);
  }
}

}  // namespace

void append_html(std::string& out, std::string_view text) {
  each(out, text, [&](char c) {
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
        if ((c < 0x20 && c != '\t') || c == 0x7f)
          out += kReplacement;
        else
          out += c;
    }
  });
}

void append_path(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || std::string_view("-._~/").find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto octet = static_cast<std::uint8_t>(c);
    out += '%';
    out += kHexDigits[octet >> 4];
    out += kHexDigits[octet & 15];
  }
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  each(out, text, [&](char c) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c < 0x20 || c == 0x7f) {
      out += "\\u00";
      out += kHexDigits[static_cast<std::uint8_t>(c) >> 4];
      out += kHexDigits[static_cast<std::uint8_t>(c) & 15];
    } else {
      out += c;
    }
  });
  out += '"';
}

}  // namespace sally::handler
