#include "handler/request_path.h"

#include <algorithm>
#include <cstdint>

#include "base/ascii.h"

namespace sally::handler {
namespace {

constexpr std::size_t kLongestName = 255, kLongestPath = 4096;  // NAME_MAX, PATH_MAX

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char low = ascii_lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool is_plain(char c) { return static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7f && c != '\\'; }

}  // namespace

bool is_servable_name(std::string_view name, bool dotfiles) {
  if (name.empty() || name == "." || name == ".." || name.size() > kLongestName) return false;
  return (dotfiles || name[0] != '.') && std::ranges::all_of(name, is_plain);
}

bool is_servable_path(std::string_view path, bool dotfiles) {
  if (!path.starts_with('/') || path.size() > kLongestPath) return false;
  const char* const top = path.data() + 1;
  for (std::string_view rest = path.substr(1); !rest.empty();) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view name = rest.substr(0, end);
    const bool well_known = name == ".well-known" && name.data() == top;
    if (!is_servable_name(name, dotfiles || well_known)) return false;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}

std::optional<std::string> decode_path(std::string_view raw, bool dotfiles) {
  if (!raw.starts_with('/') || raw.size() > 3 * kLongestPath) return std::nullopt;
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out += raw[i];
      continue;
    }
    if (raw.size() - i < 3) return std::nullopt;
    const int high = hex_value(raw[i + 1]), low = hex_value(raw[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    const char c = static_cast<char>(high * 16 + low);
    if (c == '/') return std::nullopt;
    out += c;
    i += 2;
  }
  if (!is_servable_path(out, dotfiles)) return std::nullopt;
  return out;
}

std::optional<std::string> single_slashes(std::string_view raw) {
  if (raw.find("//") == raw.npos) return std::nullopt;
  std::string out;
  for (const char c : raw)
    if (c != '/' || !out.ends_with('/')) out += c;
  return out;
}

}  // namespace sally::handler
