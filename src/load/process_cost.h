// load/process_cost.h - what a process of this machine and its children have used: time of the CPU, and
// memory.
#pragma once
#include <cstdint>
#include <vector>

#include "base/error.h"

namespace sally::load {

// clang-format off
inline constexpr ErrorKind kNoProcess{"load.no_process", Blame::operator_config, Retry::never,
    "there is no process of that number whose cost could be read",
    "name the server's process on this machine with --server-pid, and run as its user or as root", "", -1, 0};
// clang-format on

struct ProcessCost {
  double cpu_seconds = 0;          ///< user and system, of all threads, ended ones too
  std::uint64_t memory_bytes = 0;  ///< PSS: shared pages count once; resident size where PSS cannot be read
  unsigned processes = 0;
};

/// The process and all that descend from it: workers and helpers. Errors: load.no_process.
Result<ProcessCost> process_cost(int pid);

/// `pid` first, then its children, their children and so on, as far as /proc shows them.
std::vector<int> process_tree(int pid);

}  // namespace sally::load
