// check/baseline.h - the findings of an earlier report: what stands there is no news.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace sally::check {

inline constexpr ErrorKind kBadBaseline{"check.bad_baseline",
                                        Blame::operator_config,
                                        Retry::never,
                                        "the baseline is no report of sallyport check",
                                        "make it with --format json --output FILE",
                                        "",
                                        -1,
                                        0};

/// A finding is known by its endpoint and its id. Addresses do not count, because those of a name change, and
/// neither does the evidence, because dates and numbers in it do.
class Baseline {
 public:
  /// Reads a report in JSON. Errors: check.bad_baseline.
  static Result<Baseline> parse(std::string_view json);

  bool has(const std::string& endpoint, std::string_view id) const {
    return known_.contains({endpoint, std::string(id)});
  }

 private:
  std::set<std::pair<std::string, std::string>> known_;
};

}  // namespace sally::check
