// check/report/csv.h - a report for spreadsheets (RFC 4180): a row for each finding.
#pragma once
#include <span>
#include <string>

#include "check/run.h"

namespace sally::check {

/// Columns: target, address, grade, severity, id, title, evidence, remedy, source, known. What could not be
/// tested has the severity "not tested" and its reason as evidence; an endpoint with neither has one row
/// without a finding. A cell that a spreadsheet would take for a formula begins with an apostrophe.
std::string csv_report(std::span<const Examined> all);

}  // namespace sally::check
