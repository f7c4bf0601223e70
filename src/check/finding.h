// check/finding.h - an opinion on a fact: how bad, why, what to change, who says so.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sally::check {

enum class Severity : std::uint8_t { info, low, medium, high, critical };
std::string_view severity_name(Severity s);

/// From best to worst. M: the certificate is for another name. T: it cannot be trusted.
enum class Grade : std::uint8_t { a_plus, a, b, c, d, e, f, m, t, none };
/// "A+"; "-" for none.
std::string_view grade_name(Grade g);

/// One row of opinion. `cap` is the best grade that is left with it: docs/grading.md is made of these rules.
struct FindingKind {
  std::string_view id;  ///< stable: names it in reports and baselines
  Severity severity;
  Grade cap;
  std::string_view title;   ///< what is wrong, one sentence
  std::string_view remedy;  ///< what to change, one sentence
  std::string_view source;  ///< the standard or the attack
};

struct Finding {
  const FindingKind* kind;
  std::string evidence;     ///< what was seen
  bool known = false;       ///< stands in the baseline or is waived: nothing new
  std::string waived = {};  ///< by the policy: until when and why; empty: it is not
};

class Findings {
 public:
  void add(const FindingKind& kind, std::string evidence) { all_.push_back({&kind, std::move(evidence)}); }
  /// The worst first; rows of the same severity stay in the order of the rules.
  std::vector<Finding> take();

 private:
  std::vector<Finding> all_;
};

}  // namespace sally::check
