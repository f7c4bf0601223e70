// config/units.h - sizes, durations and rates as people write them, both ways.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/rate.h"

namespace sally::config {

/// "16KiB", "1MiB", "2GiB", "512B", or a plain count of bytes. nullopt: no size, or more than 2^63 - 1 bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// The shortest form that parse_size() reads back to the same number: "16KiB", "1400".
std::string show_size(std::uint64_t bytes);

/// "250ms", "10s", "5m", "12h", "30d", or a plain count of seconds. nullopt: no duration, or over 100 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// The shortest form that parse_duration() reads back to the same time: "12h", "75s".
std::string show_duration(std::chrono::milliseconds time);

/// "200 + 20/s". nullopt: no rate, or a number over 2^32 - 1.
std::optional<Rate> parse_rate(std::string_view text);
std::string show_rate(Rate rate);

}  // namespace sally::config
