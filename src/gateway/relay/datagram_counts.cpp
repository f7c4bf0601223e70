#include "gateway/relay/datagram_counts.h"

namespace sally::gateway {
namespace {

using Type = MetricFamily::Type;

constexpr MetricFamily kSessions{"sallyport_datagram_sessions_total",
                                 "Sessions of UDP ports that have begun, by port and protocol."};
constexpr MetricFamily kOpen{"sallyport_datagram_sessions_open", "Sessions of UDP ports that stand.",
                             Type::gauge};
constexpr MetricFamily kDatagrams{
    "sallyport_datagrams_total",
    "Datagrams of UDP ports that were passed on, from clients (in) and to them (out)."};
constexpr MetricFamily kBytes{"sallyport_datagram_bytes_total", "What was in them."};
constexpr MetricFamily kDropped{"sallyport_datagrams_dropped_total",
                                "Datagrams that opened no session, by the reason."};

}  // namespace

DatagramCounts::DatagramCounts(std::uint16_t port, std::string_view protocol)
    : labels_(metric_label("port", std::to_string(port)) + "," + metric_label("protocol", protocol)) {}

void DatagramCounts::visit(MetricVisitor& visitor) const {
  const auto of = [](const Counter& counter) { return static_cast<double>(counter.value()); };
  const auto more = [&](std::string_view name, std::string_view value) {
    return labels_ + "," + metric_label(name, value);
  };
  const double over = of(ended), begun = of(sessions);  // in this order: never fewer than ended
  visitor.sample(kSessions, labels_, begun);
  visitor.sample(kOpen, labels_, begun - over);
  visitor.sample(kDatagrams, more("direction", "in"), of(datagrams_in));
  visitor.sample(kDatagrams, more("direction", "out"), of(datagrams_out));
  visitor.sample(kBytes, more("direction", "in"), of(bytes_in));
  visitor.sample(kBytes, more("direction", "out"), of(bytes_out));
  visitor.sample(kDropped, more("reason", "foreign"), of(foreign));
  visitor.sample(kDropped, more("reason", "max_sessions"), of(over_total));
  visitor.sample(kDropped, more("reason", "max_sessions_per_address"), of(over_address));
  visitor.sample(kDropped, more("reason", "no_backend"), of(no_backend));
}

}  // namespace sally::gateway
