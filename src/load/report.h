// load/report.h - the outcome of a run, for people and for programs.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "load/run.h"

namespace sally::load {

inline constexpr std::array<double, 7> kPercentiles = {50, 75, 90, 95, 99, 99.9, 99.99};

/// `colour`: for a terminal.
std::string load_text(const Plan& plan, const Outcome& outcome, bool colour);

/// One object; docs/load-report.schema.json is its schema. `version`: of the program.
std::string load_json(const Plan& plan, const Outcome& outcome, std::string_view version);

/// "1.23 ms": three digits that count.
std::string show_time(Duration time);

/// The percentile with the bounds between which it lies with 95 % if the answers' times are independent.
struct Bounded {
  Duration value, low, high;
};
Bounded bounded_percentile(const Histogram& times, double percent);

}  // namespace sally::load
