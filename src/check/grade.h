// check/grade.h - from facts and findings to one letter; the formula is docs/grading.md.
#pragma once
#include <span>

#include "check/finding.h"
#include "check/observations.h"

namespace sally::check {

struct Score {
  unsigned protocol = 0, key_exchange = 0, cipher = 0;  ///< 0 to 100
  unsigned total = 0;                                   ///< 30 % + 30 % + 40 %; 0 if one of them is
};

/// The numbers of the SSL Labs rating guide for what was seen.
Score score_of(const Observations& seen);

/// The letter of the score, and never better than the cap of any finding. `none` when no version was seen.
Grade grade_of(const Observations& seen, std::span<const Finding> findings);

}  // namespace sally::check
