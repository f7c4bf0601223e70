// load/run.h - carries a plan out on its threads and says what came of it.
#pragma once
#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "load/link.h"
#include "load/plan.h"
#include "load/process_cost.h"
#include "load/tally.h"

namespace sally::load {

/// While it runs.
struct Progress {
  bool warming_up = false;
  double seconds = 0;  ///< since the beginning of the measurement, or of the warm-up
  std::uint64_t good = 0, failed = 0;
};

struct Outcome {
  Tally tally;
  double seconds = 0;  ///< measured, to the last end
  double noise = -1;   ///< of the rate: rate_noise()
  double client_cpu_seconds = 0;
  bool stopped = false;  ///< by the caller, before its time
  std::vector<std::string> addresses;
  std::optional<TlsFacts> tls;
  std::optional<ProcessCost> server_before, server_after;
  std::uint64_t server_most_bytes = 0;

  /// Operations: requests or handshakes.
  std::uint64_t good(const Plan& plan) const;
  double per_second(const Plan& plan) const {
    return seconds > 0 ? static_cast<double>(good(plan)) / seconds : 0;
  }
};

struct RunHooks {
  std::function<void(const Progress&)> progress =
      {};                                   ///< about every second, on the calling thread; or empty
  const std::atomic<bool>* stop = nullptr;  ///< true: ask nothing more
  int server_pid = 0;                       ///< whose cost is measured; 0: none
};

/// Looks the names up, refuses what is not near (is_near()) unless it is a trickle or `plan.ours`, and runs.
/// Nothing is sent before that. Blocks. The plan has passed check_plan().
/// Errors: load.not_ours, load.not_trusted, load.version_not_spoken, load.bad_plan, net.no_such_name,
/// net.resolver_failed, loop.system_call, crypto.call_failed, os.* of the server's process.
Result<Outcome> run(const Plan& plan, const RunHooks& hooks);

}  // namespace sally::load
