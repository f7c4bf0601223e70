#include "handler/path_text.h"

#include <cstdint>

#include "base/ascii.h"

namespace sally::handler {

void append_path(std::string& out, std::string_view text) {
  constexpr char kHexDigits[] = "0123456789ABCDEF";
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

}  // namespace sally::handler
