#include "upstream/board_metrics.h"

namespace sally::upstream {
namespace {

using Type = MetricFamily::Type;
constexpr MetricFamily kRequests{"sallyport_backend_requests_total", "Requests given to a backend.",
                                 Type::counter};
constexpr MetricFamily kActive{"sallyport_backend_requests_active", "Requests that a backend has now.",
                               Type::gauge};
constexpr MetricFamily kFailures{"sallyport_backend_failures_total",
                                 "No connection, no whole answer, or 502, 503, 504 of a backend.",
                                 Type::counter};
constexpr MetricFamily kAnswers{"sallyport_backend_answers_total",
                                "Heads of answers that came from a backend.", Type::counter};
constexpr MetricFamily kSeconds{"sallyport_backend_answer_seconds_total",
                                "Time until these heads came, all together.", Type::counter};
constexpr MetricFamily kHealthy{"sallyport_backend_healthy", "1 if the health checks find a backend well.",
                                Type::gauge};
constexpr MetricFamily kDraining{"sallyport_backend_draining",
                                 "1 if a backend gets no new requests by command.", Type::gauge};
constexpr double kMicrosecondsOfASecond = 1e6;

/// A group is named by its site, and behind that by its checks.
std::string_view site_of(std::string_view group) { return group.substr(0, group.find(" checked by ")); }

}  // namespace

void BoardMetrics::visit(MetricVisitor& visitor) const {
  for (const Board::Row& row : board_.rows()) {
    const std::string labels =
        metric_label("site", site_of(row.group)) + "," + metric_label("backend", row.address);
    const Posted::Totals totals = row.posted->totals();
    visitor.sample(kRequests, labels, static_cast<double>(totals.requests));
    visitor.sample(kActive, labels, static_cast<double>(totals.active));
    visitor.sample(kFailures, labels, static_cast<double>(totals.failures));
    visitor.sample(kAnswers, labels, static_cast<double>(totals.answers));
    visitor.sample(kSeconds, labels,
                   static_cast<double>(totals.answer_microseconds) / kMicrosecondsOfASecond);
    visitor.sample(kHealthy, labels, row.posted->healthy ? 1 : 0);
    visitor.sample(kDraining, labels, row.posted->draining ? 1 : 0);
  }
}

}  // namespace sally::upstream
