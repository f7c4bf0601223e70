// check/report/json.h - a report for programs; its form is docs/check-report.schema.json.
#pragma once
#include <span>
#include <string>

#include "check/run.h"

namespace sally::check {

/// One object with all of it.
std::string json_report(std::span<const Examined> all);
/// One endpoint on one line: what is a member of "targets" in the other form.
std::string json_line(const Examined& one);

}  // namespace sally::check
