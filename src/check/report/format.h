// check/report/format.h - the forms in which a report can be written.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "check/run.h"

namespace sally::check {

enum class Format : std::uint8_t { text, json, jsonl, sarif, junit, html, csv, prometheus };

/// "text", "json", ... in the order of the enumeration.
std::span<const std::string_view> format_names();
/// nullopt: there is none of that name.
std::optional<Format> format_named(std::string_view name);

/// In these forms each endpoint stands for itself and is written as soon as it is ready.
constexpr bool is_piecewise(Format f) { return f == Format::text || f == Format::jsonl; }

/// All endpoints in a form that is not piecewise. `fail_on`: what counts as a failure; nullopt: nothing.
std::string whole_report(Format format, std::span<const Examined> all, std::optional<Severity> fail_on);

}  // namespace sally::check
