#include "gateway/counts.h"

#include <algorithm>
#include <chrono>

namespace sally::gateway {

void SiteCounts::add(const http::Exchange& x, TimePoint now) {
  const auto digit = static_cast<std::size_t>(std::max(x.response.status, 0)) / 100;
  requests[digit < kClasses ? digit : 0].add();
  request_bytes.add(x.request_body.received_bytes());
  response_bytes.add(x.sent_body_bytes);
  if (x.began == TimePoint{} || x.tunnel()) return;  // a head that never was whole; nobody waits for a tunnel
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - x.began).count();
  latency.add(static_cast<std::uint64_t>(std::max<std::int64_t>(took, 0)));
}

void CoreCounts::add_handshake(std::string_view version, std::string_view group, bool was_resumed) {
  const auto by_version = std::ranges::find(kVersions, version);
  const auto by_group = std::ranges::find(kGroups, group);
  if (by_version == kVersions.end()) return;
  const auto place =
      by_group == kGroups.end() ? kGroups.size() - 1 : static_cast<std::size_t>(by_group - kGroups.begin());
  handshakes[static_cast<std::size_t>(by_version - kVersions.begin())][place].add();
  if (was_resumed) resumed.add();
}

}  // namespace sally::gateway
