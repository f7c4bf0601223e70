// check/report/html.h - a report as a page: one file that needs nothing else, for screens and for paper.
#pragma once
#include <span>
#include <string>

#include "check/run.h"

namespace sally::check {

/// A whole page without scripts and without outside references; what servers sent is escaped, and the page's
/// own policy (CSP) forbids all but its style.
std::string html_report(std::span<const Examined> all);

}  // namespace sally::check
