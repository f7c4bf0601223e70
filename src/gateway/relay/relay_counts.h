// gateway/relay/relay_counts.h - what the connections to a group of backends carry, on one core.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/counter.h"
#include "base/metric.h"

namespace sally::gateway {

/// Written by its core, read by whoever watches. Bytes count as they move, without TLS.
class RelayCounts final : public MetricSource {
 public:
  RelayCounts(std::uint16_t port, std::string_view protocol);
  void visit(MetricVisitor& visitor) const override;

  Counter begun, ended;
  Counter bytes_in, bytes_out;  ///< from clients and to them

 private:
  std::string labels_;
};

}  // namespace sally::gateway
