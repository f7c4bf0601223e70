#include "load/process_cost.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/number.h"

namespace sally::load {
namespace {

constexpr std::size_t kMostProcesses = 10'000;

std::string folder_of(int pid) { return "/proc/" + std::to_string(pid); }

/// The fourth word of /proc/PID/stat; the second is a name in brackets that may hold anything.
std::optional<int> parent_of(int pid) {
  std::ifstream file(folder_of(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || text.size() < name_end + 5) return std::nullopt;
  const std::string rest = text.substr(name_end + 4);
  const auto parent = parse_number<unsigned>(rest.substr(0, rest.find(' ')));
  return parent ? std::optional<int>(static_cast<int>(*parent)) : std::nullopt;
}

std::vector<std::pair<int, int>> all_parents() {
  std::vector<std::pair<int, int>> out;  // process, parent
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  while (const dirent* const entry = folder ? ::readdir(folder.get()) : nullptr) {
    const auto pid = parse_number<unsigned>(entry->d_name);
    if (!pid) continue;
    if (const auto parent = parent_of(static_cast<int>(*pid)))
      out.emplace_back(static_cast<int>(*pid), *parent);
  }
  return out;
}

/// Seconds; the process' own clock counts nanoseconds where /proc counts ticks of 10 ms.
std::optional<double> cpu_of(int pid) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return std::nullopt;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

std::uint64_t kilobytes_behind(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == name && file >> kilobytes) return kilobytes;
  }
  return 0;
}

std::uint64_t memory_of(int pid) {
  const std::uint64_t shared_once = kilobytes_behind(folder_of(pid) + "/smaps_rollup", "Pss:");
  return 1024 * (shared_once != 0 ? shared_once : kilobytes_behind(folder_of(pid) + "/status", "VmRSS:"));
}

}  // namespace

std::vector<int> process_tree(int pid) {
  std::vector<int> tree{pid};
  const auto parents = all_parents();
  for (std::size_t i = 0; i < tree.size() && tree.size() < kMostProcesses; ++i)
    for (const auto& [process, parent] : parents)
      if (parent == tree[i] && std::ranges::find(tree, process) == tree.end()) tree.push_back(process);
  return tree;
}

Result<ProcessCost> process_cost(int pid) {
  ProcessCost out;
  if (pid <= 0 || !cpu_of(pid)) return fail(kNoProcess, std::to_string(pid));
  for (const int one : process_tree(pid)) {
    const auto cpu = cpu_of(one);
    if (!cpu) continue;  // it has ended since
    out.cpu_seconds += *cpu;
    out.memory_bytes += memory_of(one);
    ++out.processes;
  }
  return out;
}

}  // namespace sally::load
