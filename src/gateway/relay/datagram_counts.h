// gateway/relay/datagram_counts.h - what a port of UDP counts on one core.
#pragma once
#include <string>
#include <string_view>

#include "base/counter.h"
#include "base/metric.h"

namespace sally::gateway {

/// Written by its core, read by whoever watches.
class DatagramCounts final : public MetricSource {
 public:
  DatagramCounts(std::uint16_t port, std::string_view protocol);
  void visit(MetricVisitor& visitor) const override;

  Counter sessions, ended;
  Counter datagrams_in, datagrams_out;  ///< from clients and to them
  Counter bytes_in, bytes_out;
  Counter foreign;                   ///< of another protocol, or in the middle where nothing goes on
  Counter over_total, over_address;  ///< max_sessions, max_sessions_per_address
  Counter no_backend;

 private:
  std::string labels_;
};

}  // namespace sally::gateway
