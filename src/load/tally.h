// load/tally.h - what came of the requests, counted by each thread for itself and added up at the end.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "load/histogram.h"

namespace sally::load {

/// Why an operation did not come to a good end.
enum class Failure : std::uint8_t {
  refused,          ///< the port is closed
  unreachable,      ///< no way to the host
  not_connected,    ///< no connection for a reason on this side
  connect_timeout,  ///< neither connected nor shaken hands within the timeout
  tls,              ///< no session came about
  not_resumed,      ///< the server made a full handshake where a resumed one was asked for
  reset,            ///< the connection was torn down
  closed,           ///< the connection ended before the answer did
  timeout,          ///< no whole answer within the timeout
  protocol,         ///< the answer breaks the protocol's rules
  stream_reset,     ///< HTTP/2 and 3: the server gave the request up
  refused_stream,   ///< HTTP/2 and 3: the server did not want it now
  status_4xx,
  status_5xx,
};
inline constexpr std::array<std::string_view, 14> kFailureNames = {
    "refused",      "unreachable",    "not_connected", "connect_timeout", "tls",
    "not_resumed",  "reset",          "closed",        "timeout",         "protocol",
    "stream_reset", "refused_stream", "status_4xx",    "status_5xx"};

inline constexpr Duration kSlice = std::chrono::milliseconds(100);

struct Tally {
  std::uint64_t answered = 0;               ///< whole answers, whatever their status
  std::array<std::uint64_t, 6> statuses{};  ///< answers by the status' first digit
  std::array<std::uint64_t, kFailureNames.size()> failures{};
  std::uint64_t unsent = 0;                   ///< due by the schedule, and never asked
  std::uint64_t body_bytes = 0;               ///< of answers
  std::uint64_t bytes_in = 0, bytes_out = 0;  ///< through the sockets, TLS included, warm-up too
  std::uint64_t connections = 0;              ///< that stood, warm-up too
  std::uint64_t held = 0;                     ///< connections that stood at the very end
  std::uint64_t full = 0, resumed = 0;        ///< handshakes
  Histogram latency;                          ///< from when a request was due to the end of its answer
  Histogram handshake;                     ///< from the start of the connection to the end of the handshake
  std::vector<std::uint32_t> slices = {};  ///< good ones that ended in each kSlice
  TimePoint last_end{};

  void fail(Failure why, std::uint64_t times = 1) { failures[static_cast<std::size_t>(why)] += times; }
  std::uint64_t failed() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : failures) sum += n;
    return sum;
  }
  /// One good operation ended at `end`, counted from `start` of the measurement.
  void note_end(TimePoint start, TimePoint end) {
    last_end = std::max(last_end, end);
    if (end < start) return;
    const auto slice = static_cast<std::size_t>((end - start) / kSlice);
    if (slice >= slices.size()) slices.resize(slice + 1);
    ++slices[slice];
  }
  void add(const Tally& o);
};

/// Half the width of the 95 % interval of the rate, as a part of the rate, from ten equal parts of the run.
/// Negative: the run was shorter than ten slices, so nothing can be said. `slices`: whole ones.
double rate_noise(const std::vector<std::uint32_t>& slices);

}  // namespace sally::load
