#include "handler/path_reading.h"

#include <algorithm>
#include <cstdint>

#include "base/ascii.h"

namespace sally::handler {
namespace {

constexpr char kUnread = '\1';  ///< no path has it: octets below 0x20 are refused

bool is_plain(std::string_view raw) {
  char before = 0;
  for (const char c : raw) {
    if (c == '%' || c == ';' || c == '\\' || (before == '/' && (c == '/' || c == '.'))) return false;
    before = c;
  }
  return true;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char low = ascii_lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// The octet of the escape at the front of `text`, -1 if it is none.
int escaped(std::string_view text) {
  if (text.size() < 3) return -1;
  const int high = hex_value(text[1]), low = hex_value(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool has_dot_segment(std::string_view path) {
  for (std::string_view rest = path; !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment == "." || segment == "..") return true;
    rest.remove_prefix(segment.size());
  }
  return false;
}

/// Adds to the lax reading: a slash ends parameters, and is added only after something else.
struct LaxText {
  std::string& out;
  bool in_parameters = false;
  bool two_slashes_first = false;

  void add(char c) {
    if (c == '\\') c = '/';
    if (c == '/') {
      in_parameters = false;
      if (out == "/") two_slashes_first = true;
      if (!out.ends_with('/')) out += c;
      return;
    }
    if (c == ';') in_parameters = true;
    if (!in_parameters) out += c;
  }
};

}  // namespace

bool PathReader::decode(std::string_view raw) {
  strict_.clear();
  lax_.clear();
  LaxText lax{lax_};
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '%') {
      const int octet = escaped(raw.substr(i));
      if (octet < 0) return false;
      c = static_cast<char>(octet);
      i += 2;
      strict_ += c == '/' || c == '\\' ? kUnread : c;
    } else {
      strict_ += c == '\\' ? kUnread : c;
    }
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) return false;
    lax.add(c);
    // "/;x/y" is two slashes to whoever drops the parameters.
    if (lax.two_slashes_first) return false;
  }
  return !has_dot_segment(lax_);
}

std::optional<PathReadings> PathReader::read(std::string_view raw) {
  if (!raw.starts_with('/')) return std::nullopt;
  if (is_plain(raw)) return PathReadings{raw, raw};
  if (!decode(raw)) return std::nullopt;
  return PathReadings{strict_, lax_};
}

}  // namespace sally::handler
