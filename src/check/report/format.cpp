#include "check/report/format.h"

#include <algorithm>
#include <array>

#include "check/report/csv.h"
#include "check/report/html.h"
#include "check/report/json.h"
#include "check/report/junit.h"
#include "check/report/prometheus.h"
#include "check/report/sarif.h"

namespace sally::check {
namespace {

constexpr std::array<std::string_view, 8> kNames = {"text",  "json", "jsonl", "sarif",
                                                    "junit", "html", "csv",   "prometheus"};

}  // namespace

std::span<const std::string_view> format_names() { return kNames; }

std::optional<Format> format_named(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Format>(found - kNames.begin());
}

std::string whole_report(Format format, std::span<const Examined> all, std::optional<Severity> fail_on) {
  switch (format) {
    case Format::sarif:
      return sarif_report(all);
    case Format::junit:
      return junit_report(all, fail_on);
    case Format::html:
      return html_report(all);
    case Format::csv:
      return csv_report(all);
    case Format::prometheus:
      return prometheus_report(all);
    case Format::text:
    case Format::json:
    case Format::jsonl:
      break;
  }
  return json_report(all);
}

}  // namespace sally::check
