// check/target_list.h - many targets in a file, and which of them an earlier run has finished.
#pragma once
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "check/target.h"

namespace sally::check {

inline constexpr std::size_t kMostTargets = 1000000;

/// One target on a line; empty lines and what follows a '#' do not count. Errors: check.bad_target, with the
/// line's number.
Result<std::vector<Target>> parse_target_list(std::string_view text,
                                              const proto::Protocol* protocol = nullptr);

/// What an earlier report of the form jsonl holds.
struct Finished {
  std::set<std::string> endpoints;  ///< "example.com:443"
  std::size_t whole_bytes = 0;      ///< up to the end of its last whole line; the rest was torn off
};
/// Lines that are no part of such a report end it: what follows is not whole.
Finished parse_finished(std::string_view report);

}  // namespace sally::check
