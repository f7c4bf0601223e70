#include "config/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>

#include "base/ascii.h"
#include "base/number.h"

namespace sally::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first: the way back takes the first unit that divides.
constexpr Unit kSizes[] = {{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}};
constexpr Unit kTimes[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};

constexpr std::uint64_t kLargestSize = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kLongestTime = 100ULL * 365 * 86'400'000;

/// Digits, then one of the unit names; digits alone count in `plain`.
std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units, std::uint64_t plain,
                                   std::uint64_t most) {
  const auto digits_end = std::ranges::find_if_not(text, is_digit);
  const std::string_view digits(text.begin(), digits_end), name(digits_end, text.end());
  const auto number = parse_number<std::uint64_t>(digits);
  if (!number) return std::nullopt;
  std::uint64_t factor = plain;
  if (!name.empty()) {
    const auto unit = std::ranges::find(units, name, &Unit::name);
    if (unit == units.end()) return std::nullopt;
    factor = unit->factor;
  }
  if (*number > most / factor) return std::nullopt;
  return *number * factor;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, kSizes, 1, kLargestSize);
}

std::string show_size(std::uint64_t bytes) {
  for (const Unit& unit : kSizes)
    if (unit.factor > 1 && bytes >= unit.factor && bytes % unit.factor == 0)
      return fmt::format("{}{}", bytes / unit.factor, unit.name);
  return std::to_string(bytes);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto ms = parse(text, kTimes, 1000, kLongestTime);
  if (!ms) return std::nullopt;
  return std::chrono::milliseconds(*ms);
}

std::string show_duration(std::chrono::milliseconds time) {
  const auto ms = static_cast<std::uint64_t>(time.count());
  for (const Unit& unit : kTimes)
    if (ms >= unit.factor && ms % unit.factor == 0) return fmt::format("{}{}", ms / unit.factor, unit.name);
  return "0s";
}

std::optional<Rate> parse_rate(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus == std::string_view::npos) return std::nullopt;
  std::string_view second = trim(text.substr(plus + 1));
  if (!second.ends_with("/s")) return std::nullopt;
  second.remove_suffix(2);
  const auto burst = parse_number<std::uint32_t>(trim(text.substr(0, plus)));
  const auto per_second = parse_number<std::uint32_t>(trim(second));
  if (!burst || !per_second) return std::nullopt;
  return Rate{*burst, *per_second};
}

std::string show_rate(Rate rate) { return fmt::format("{} + {}/s", rate.burst, rate.per_second); }

}  // namespace sally::config
