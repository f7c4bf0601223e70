#include "gateway/relay/relay_counts.h"

namespace sally::gateway {
namespace {

constexpr MetricFamily kBegun{"sallyport_relay_connections_total",
                              "Connections that reached a backend of a port, by port and protocol."};
constexpr MetricFamily kOpen{"sallyport_relay_connections_open", "Those that are open.",
                             MetricFamily::Type::gauge};
constexpr MetricFamily kBytes{"sallyport_relay_bytes_total",
                              "What they carried, from clients (in) and to them (out), without TLS."};

}  // namespace

RelayCounts::RelayCounts(std::uint16_t port, std::string_view protocol)
    : labels_(metric_label("port", std::to_string(port)) + "," + metric_label("protocol", protocol)) {}

void RelayCounts::visit(MetricVisitor& visitor) const {
  const auto of = [](const Counter& counter) { return static_cast<double>(counter.value()); };
  const double over = of(ended), all = of(begun);  // in this order: never fewer than ended
  visitor.sample(kBegun, labels_, all);
  visitor.sample(kOpen, labels_, all - over);
  visitor.sample(kBytes, labels_ + "," + metric_label("direction", "in"), of(bytes_in));
  visitor.sample(kBytes, labels_ + "," + metric_label("direction", "out"), of(bytes_out));
}

}  // namespace sally::gateway
