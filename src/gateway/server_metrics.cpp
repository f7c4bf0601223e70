#include "gateway/server_metrics.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <map>
#include <set>

#include "gateway/metric_text.h"

namespace sally::gateway {
namespace {

using Type = MetricFamily::Type;

constexpr MetricFamily kRequests{"sallyport_requests_total",
                                 "Requests that have ended, by site and class of status."};
constexpr MetricFamily kRequestVersions{"sallyport_requests_by_version_total",
                                        "Requests that have ended, by the version of HTTP."};
constexpr MetricFamily kRequestBytes{"sallyport_request_body_bytes_total", "Content that clients sent."};
constexpr MetricFamily kResponseBytes{"sallyport_response_body_bytes_total",
                                      "Content that was sent to clients."};
constexpr MetricFamily kRequestFailures{
    "sallyport_request_failures_total",
    "Requests that ended with an error, by its id (docs/reference/errors.md)."};
constexpr MetricFamily kConnections{"sallyport_connections_total", "Connections that were accepted."};
constexpr MetricFamily kOpen{"sallyport_connections_open", "Connections that are open.", Type::gauge};
constexpr MetricFamily kConnectionFailures{"sallyport_connection_failures_total",
                                           "Connections that ended with an error or by a timer, by its id."};
constexpr MetricFamily kHandshakes{"sallyport_tls_handshakes_total", "TLS handshakes that succeeded."};
constexpr MetricFamily kResumed{"sallyport_tls_resumed_total", "TLS handshakes that resumed a session."};
constexpr MetricFamily kHandshakeFailures{"sallyport_tls_handshake_failures_total",
                                          "TLS handshakes that failed, by the id of the error."};
constexpr MetricFamily kLimitHits{"sallyport_limit_hits_total", "How often a limit was reached, by its key."};
constexpr MetricFamily kReloads{"sallyport_reloads_total",
                                "Configurations that were read anew, by what came of them."};
constexpr MetricFamily kLastReload{"sallyport_config_applied_timestamp_seconds",
                                   "When the configuration in use was taken up.", Type::gauge};
constexpr MetricFamily kNumber{"sallyport_config_number", "Which configuration since the start is in use.",
                               Type::gauge};
constexpr MetricFamily kAlive{"sallyport_configs_alive", "Configurations that are still used by anything.",
                              Type::gauge};
constexpr MetricFamily kExpiry{"sallyport_certificate_expiry_timestamp_seconds",
                               "When the first of a site's certificates ends.", Type::gauge};
constexpr MetricFamily kStarted{"process_start_time_seconds", "When the process was started.", Type::gauge};

struct LimitOfError {
  std::string_view error, key;
};

/// Errors that end a connection because a limit was reached.
constexpr std::array kConnectionLimits = std::to_array<LimitOfError>({
    {"timeout.handshake_timeout", "tls.handshake_timeout"},
    {"timeout.header_timeout", "limits.header_timeout"},
    {"timeout.body_idle_timeout", "limits.body_idle_timeout"},
    {"timeout.body_minimum_rate", "limits.body_minimum_rate"},
    {"timeout.send_idle_timeout", "limits.send_idle_timeout"},
    {"timeout.send_minimum_rate", "limits.send_minimum_rate"},
    {"timeout.keep_alive_timeout", "limits.keep_alive_timeout"},
    {"tls.hello_too_long", "tls.client_hello_limit"},
    {"tls.too_many_key_updates", "tls.key_update_limit"},
    {"http1.request_line_too_long", "limits.request_line_bytes"},
    {"http1.head_too_large", "limits.header_bytes"},
    {"http1.too_many_fields", "limits.header_count"},
    {"http1.chunk_line_too_long", "limits.chunk_line_bytes"},
    {"http1.trailers_too_large", "limits.trailer_bytes"},
    {"http2.too_many_continuations", "limits.h2.continuation_frames"},
    {"http2.control_queue_full", "limits.h2.control_queue"},
    {"http2.too_many_empty_frames", "limits.h2.empty_frames"},
    {"http2.too_many_pings", "limits.h2.pings"},
    {"http2.too_many_priority_updates", "limits.h2.priority_updates"},
    {"http2.too_many_resets", "limits.h2.resets"},
    {"http2.too_many_settings", "limits.h2.settings"},
    {"http2.too_many_window_updates", "limits.h2.window_updates"},
    {"http3.header_bomb", "limits.header_bytes"},
    {"http3.too_many_resets", "limits.h2.resets"},
    {"quic.handshake_timeout", "tls.handshake_timeout"},
    {"quic.idle_timeout", "quic.idle_timeout"},
});
/// Those that end one request.
constexpr std::array kRequestLimits = std::to_array<LimitOfError>({
    {"http.body_too_large", "limits.body_bytes"},
    {"http2.head_too_large", "limits.header_bytes"},
    {"http2.too_many_fields", "limits.header_count"},
    {"http2.trailers_too_large", "limits.trailer_bytes"},
});

void by_error(MetricText& out, const MetricFamily& family, const NamedCounters& counters,
              std::span<const LimitOfError> limits) {
  counters.each([&](std::string_view id, std::uint64_t count) {
    out.sample(family, metric_label("error", id), static_cast<double>(count));
    for (const LimitOfError& limit : limits)
      if (limit.error == id)
        out.sample(kLimitHits, metric_label("key", limit.key), static_cast<double>(count));
  });
}

void core(MetricText& out, const CoreCounts& c) {
  const auto of = [](const Counter& counter) { return static_cast<double>(counter.value()); };
  const double closed = of(c.closed), accepted = of(c.accepted);  // in this order: never fewer than closed
  out.sample(kConnections, "", accepted);
  out.sample(kOpen, "", accepted - closed);
  out.sample(kResumed, "", of(c.resumed));
  for (std::size_t v = 0; v < c.requests_by_version.size(); ++v)
    out.sample(kRequestVersions,
               metric_label("version", http::version_text(static_cast<http::Version>(v)).substr(5)),
               of(c.requests_by_version[v]));
  for (std::size_t v = 0; v < CoreCounts::kVersions.size(); ++v)
    for (std::size_t g = 0; g < CoreCounts::kGroups.size(); ++g)
      out.sample(kHandshakes,
                 metric_label("version", CoreCounts::kVersions[v]) + "," +
                     metric_label("group", CoreCounts::kGroups[g]),
                 of(c.handshakes[v][g]));
  out.sample(kLimitHits, metric_label("key", "limits.max_connections"), of(c.over_total));
  out.sample(kLimitHits, metric_label("key", "limits.max_connections_per_address"), of(c.over_address));
  by_error(out, kHandshakeFailures, c.handshake_failures, kConnectionLimits);
  by_error(out, kConnectionFailures, c.connection_failures, kConnectionLimits);
  by_error(out, kRequestFailures, c.request_failures, kRequestLimits);
}

void site(MetricText& out, std::string_view name, const SiteCounts& c) {
  const std::string label = metric_label("site", name);
  for (std::size_t digit = 0; digit < SiteCounts::kClasses; ++digit)
    out.sample(kRequests,
               label + "," + metric_label("code", digit == 0 ? "none" : fmt::format("{}xx", digit)),
               static_cast<double>(c.requests[digit].value()));
  out.sample(kRequestBytes, label, static_cast<double>(c.request_bytes.value()));
  out.sample(kResponseBytes, label, static_cast<double>(c.response_bytes.value()));
  out.latency("sallyport_request_duration_seconds",
              "From a request's whole head to the last byte of its answer.", label, c.latency);
}

std::int64_t unix_seconds(WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

}  // namespace

ServerMetrics::ServerMetrics()
    : last_applied_(unix_seconds(WallClock::now())), started_(last_applied_.load()) {}

void ServerMetrics::reload_ended(bool applied) {
  (applied ? applied_ : refused_).fetch_add(1, std::memory_order_relaxed);
  if (applied) last_applied_.store(unix_seconds(WallClock::now()), std::memory_order_relaxed);
}

std::string ServerMetrics::text() const {
  MetricText out;
  for (const CoreCounts* one : cores_) {
    core(out, *one);
    site(out, "", one->unrouted);
  }
  const auto view = view_.load();
  std::set<const SiteCountsOfCores*> seen;  // sites with the same name share theirs
  for (std::size_t i = 0; i < view->generation->sites.size(); ++i) {
    const SiteCountsOfCores* counts = view->generation->counts[i].get();
    if (!seen.insert(counts).second) continue;
    for (const SiteCounts& one : counts->cores()) site(out, view->generation->sites[i]->names.front(), one);
  }
  std::map<std::string_view, std::int64_t> ends;
  for (const auto& [name, end] : view->certificate_ends) {
    const auto [it, added] = ends.emplace(name, unix_seconds(end));
    if (!added) it->second = std::min(it->second, unix_seconds(end));
  }
  for (const auto& [name, end] : ends)
    out.sample(kExpiry, metric_label("site", name), static_cast<double>(end));
  out.sample(kReloads, metric_label("result", "applied"), static_cast<double>(applied_.load()));
  out.sample(kReloads, metric_label("result", "refused"), static_cast<double>(refused_.load()));
  out.sample(kLastReload, "", static_cast<double>(last_applied_.load()));
  out.sample(kNumber, "", static_cast<double>(view->generation->number));
  out.sample(kAlive, "", static_cast<double>(Generation::alive() - 1));  // without the admin's own
  out.sample(kStarted, "", static_cast<double>(started_));
  MetricSources::process().visit(out);
  return out.text();
}

}  // namespace sally::gateway
