// os/child.h - runs another program, waits for it with a deadline, and keeps what it printed.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "os/os_error.h"

namespace sally {

inline constexpr ErrorKind kChildTooSlow{"os.program_too_slow",
                                         Blame::system,
                                         Retry::later,
                                         "a program did not end in time and was stopped",
                                         "run it by hand to see what it waits for",
                                         "",
                                         -1,
                                         0};

struct ChildLimits {
  std::chrono::milliseconds time{30000};
  std::size_t output_bytes = 64 * 1024;  ///< what is printed beyond is read and thrown away
};

struct ChildEnd {
  int exit_code = 0;   ///< 128 + signal when a signal ended it, as shells say
  std::string output;  ///< standard output and error, as they came
};

/// Runs `arguments` (the first is the program, looked up in PATH) without a shell, with an empty standard
/// input and no descriptor of ours. Blocks. Errors: os.not_found (no such program), os.program_too_slow,
/// os.call_failed. A program that fails is no error: see exit_code.
Result<ChildEnd> run_program(const std::vector<std::string>& arguments, ChildLimits limits = {});

/// Where PATH has `program`; empty when nowhere.
std::string find_program(const std::string& program);

}  // namespace sally
