// gateway/counts.h - what one core counts while it serves. Each is written by its core and read by whoever
// watches.
#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/counter.h"
#include "http/exchange.h"

namespace sally::gateway {

/// Of one site, or of the requests that no site answered.
struct alignas(kCacheLine) SiteCounts {
  static constexpr std::size_t kClasses = 6;  ///< by the first digit of the status; 0: ended without one

  std::array<Counter, kClasses> requests;
  Counter request_bytes, response_bytes;
  LatencyHistogram latency;  ///< from the whole head to the last byte

  void add(const http::Exchange& x, TimePoint now);
};

/// One for each core. Goes with the site's name through reloads, so that it never counts backwards.
class SiteCountsOfCores {
 public:
  explicit SiteCountsOfCores(std::size_t cores) : cores_(cores) {}
  SiteCounts& core(std::size_t number) { return cores_[number]; }
  const std::vector<SiteCounts>& cores() const { return cores_; }

 private:
  std::vector<SiteCounts> cores_;
};

struct alignas(kCacheLine) CoreCounts {
  static constexpr std::array<std::string_view, 2> kVersions = {"TLSv1.2", "TLSv1.3"};
  static constexpr std::array<std::string_view, 5> kGroups = {"X25519MLKEM768", "X25519", "P-256", "P-384",
                                                              "other"};

  Counter accepted, closed;
  Counter over_total, over_address;  ///< limits.max_connections, max_connections_per_address
  std::array<std::array<Counter, kGroups.size()>, kVersions.size()> handshakes;
  Counter resumed;
  NamedCounters handshake_failures;            ///< by the id of the error
  NamedCounters connection_failures;           ///< errors of clients, and timers, after the handshake
  NamedCounters request_failures;              ///< by Exchange::failure
  std::array<Counter, 4> requests_by_version;  ///< by http::Version
  SiteCounts unrouted;                         ///< requests that no site answered

  void add_handshake(std::string_view version, std::string_view group, bool was_resumed);
};

}  // namespace sally::gateway
