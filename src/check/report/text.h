// check/report/text.h - a report for people: the grade, what is wrong, how to mend it; everything on request.
#pragma once
#include <string>

#include "check/run.h"

namespace sally::check {

struct TextStyle {
  bool all = false;         ///< also what was seen, what is merely worth knowing, and what is well
  bool colour = false;      ///< ANSI colours
  std::size_t width = 100;  ///< columns for wrapped sentences
};

std::string text_report(const Examined& one, const TextStyle& style);

}  // namespace sally::check
