// check/observatory.h - the numbers of the MDN HTTP Observatory for what was seen: an observation beside our
// grade.
#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "check/csp.h"
#include "check/finding.h"
#include "check/observations.h"
#include "check/target.h"

namespace sally::check {

struct ObservatoryRow {
  std::string_view test;     ///< "content-security-policy"
  std::string_view outcome;  ///< in words
  int points = 0;            ///< added to 100
};

struct Observatory {
  std::vector<ObservatoryRow> rows;
  unsigned score = 0;      ///< 0 and up; what passes 100 is a bonus
  std::string_view grade;  ///< "A+" to "F"
};

/// nullopt: no page was seen. `findings` tell whether clients trust the certificate. The lists of preloaded
/// hosts are not known here, so their bonus is never given. source  MDN HTTP Observatory, algorithm version 4
std::optional<Observatory> observatory_of(const Target& target, const Observations& seen,
                                          std::span<const Finding> findings);

/// From a score of 0 and up.
std::string_view observatory_grade(unsigned score);

/// The policies of the page: of its fields and its meta elements. Those of meta do not name frames (CSP
/// 3, 3.3).
std::vector<Csp> policies_of(const PageSeen& page);

}  // namespace sally::check
