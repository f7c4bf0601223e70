#include "os/notify.h"

#include <fcntl.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdlib>

namespace sally {

bool notify_manager(const std::string& line) { return sd_notify(0, line.c_str()) > 0; }

bool notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const long long microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  return notify_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

Duration watchdog_interval() {
  std::uint64_t limit_us = 0;
  if (sd_watchdog_enabled(0, &limit_us) <= 0) return Duration::zero();
  return std::chrono::microseconds(limit_us / 2);  // sd_watchdog_enabled(3) recommends half of it
}

Result<std::vector<InheritedSocket>> inherited_sockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  if (count < 0) return fail_errno(-count, "read", "LISTEN_FDS");
  std::vector<InheritedSocket> out;
  for (int i = 0; i < count; ++i) {
    out.push_back({Fd(SD_LISTEN_FDS_START + i), names && names[i] ? names[i] : "unknown"});
    if (names) std::free(names[i]);
  }
  std::free(names);
  return out;
}

}  // namespace sally
