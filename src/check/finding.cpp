#include "check/finding.h"

#include <algorithm>

namespace sally::check {

std::string_view severity_name(Severity s) {
  constexpr std::string_view kNames[] = {"info", "low", "medium", "high", "critical"};
  return kNames[static_cast<std::size_t>(s)];
}

std::string_view grade_name(Grade g) {
  constexpr std::string_view kNames[] = {"A+", "A", "B", "C", "D", "E", "F", "M", "T", "-"};
  return kNames[static_cast<std::size_t>(g)];
}

std::vector<Finding> Findings::take() {
  std::ranges::stable_sort(
      all_, [](const Finding& a, const Finding& b) { return a.kind->severity > b.kind->severity; });
  return std::move(all_);
}

}  // namespace sally::check
