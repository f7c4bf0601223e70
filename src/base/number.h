// base/number.h - the one strict way from digits to a number: no sign, no space, no overflow.
#pragma once
#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace sally {

/// Digits of `base` only, at least one, the whole text. Refuses "+5", " 5", "5x", "" and what does not fit:
/// all forms that have smuggled requests past parsers that took them.
template <std::unsigned_integral Int>
std::optional<Int> parse_number(std::string_view text, int base = 10) {
  Int value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace sally
