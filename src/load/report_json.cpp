#include "base/json.h"
#include "load/report.h"

namespace sally::load {
namespace {

double us_of(Duration time) { return static_cast<double>(time.count()) / 1e3; }

void put_plan(JsonText& json, const Plan& plan, const Outcome& outcome) {
  std::vector<std::string> urls;
  for (const LoadUrl& url : plan.urls) urls.push_back(url.text());
  json.strings("urls", urls).strings("addresses", outcome.addresses);
  json.begin_object("plan").number("connections", plan.connections).number("threads", plan.threads);
  json.number("streams", plan.streams).number("pipeline", plan.pipeline).decimal("rate", plan.rate);
  json.number("requests", static_cast<std::int64_t>(plan.requests));
  json.number("requests_per_connection", static_cast<std::int64_t>(plan.requests_per_connection));
  json.decimal("duration_seconds",
               static_cast<double>(plan.requests != 0 ? 0 : plan.duration.count()) / 1000);
  json.decimal("hold_seconds", static_cast<double>(plan.hold.count()) / 1000);
  json.decimal("warm_up_seconds", static_cast<double>(plan.warm_up.count()) / 1000);
  json.string("method", plan.method).number("body_bytes", static_cast<std::int64_t>(plan.body.size()));
  json.string("handshakes", plan.handshakes == Handshakes::none   ? "none"
                            : plan.handshakes == Handshakes::full ? "full"
                                                                  : "resumed");
  json.end();
  if (!outcome.tls) return;
  const TlsFacts& tls = *outcome.tls;
  json.begin_object("tls")
      .string("version", tls.version)
      .string("suite", tls.suite)
      .string("group", tls.group);
  json.string("signature", tls.signature).string("alpn", tls.alpn).end();
}

void put_counts(JsonText& json, const Tally& t) {
  json.number("answered", static_cast<std::int64_t>(t.answered));
  json.begin_object("statuses");
  for (std::size_t i = 0; i < t.statuses.size(); ++i)
    if (t.statuses[i] != 0)
      json.number(i == 0 ? "other" : std::to_string(i) + "xx", static_cast<std::int64_t>(t.statuses[i]));
  json.end();
  json.number("failed", static_cast<std::int64_t>(t.failed()));
  json.begin_object("errors");
  for (std::size_t i = 0; i < kFailureNames.size(); ++i)
    if (t.failures[i] != 0) json.number(kFailureNames[i], static_cast<std::int64_t>(t.failures[i]));
  json.end();
  json.number("unsent", static_cast<std::int64_t>(t.unsent));
  json.begin_object("bytes").number("in", static_cast<std::int64_t>(t.bytes_in));
  json.number("out", static_cast<std::int64_t>(t.bytes_out));
  json.number("bodies", static_cast<std::int64_t>(t.body_bytes)).end();
  json.number("connections", static_cast<std::int64_t>(t.connections));
}

void put_times(JsonText& json, std::string_view key, const Histogram& times) {
  json.begin_object(key).number("count", static_cast<std::int64_t>(times.count()));
  json.decimal("least_us", us_of(times.least())).decimal("mean_us", us_of(times.mean()));
  json.decimal("greatest_us", us_of(times.greatest())).begin_array("percentiles");
  for (const double percent : kPercentiles) {
    if (times.count() == 0) break;
    const Bounded at = bounded_percentile(times, percent);
    json.begin_element().decimal("percentile", percent).decimal("us", us_of(at.value));
    json.decimal("low_us", us_of(at.low)).decimal("high_us", us_of(at.high)).end();
  }
  json.end().end();
}

void put_costs(JsonText& json, const Plan& plan, const Outcome& outcome) {
  const double good = static_cast<double>(std::max<std::uint64_t>(outcome.good(plan), 1));
  json.begin_object("client").decimal("cpu_us_per_operation", outcome.client_cpu_seconds * 1e6 / good).end();
  if (!outcome.server_before || !outcome.server_after) return;
  const auto before = outcome.server_before->memory_bytes;
  const auto grown = outcome.server_most_bytes - std::min(before, outcome.server_most_bytes);
  json.begin_object("server").number("processes", outcome.server_after->processes);
  json.decimal("cpu_us_per_operation",
               (outcome.server_after->cpu_seconds - outcome.server_before->cpu_seconds) * 1e6 / good);
  json.number("memory_bytes_before", static_cast<std::int64_t>(before));
  json.number("memory_bytes_most", static_cast<std::int64_t>(outcome.server_most_bytes));
  json.number("memory_bytes_per_connection", static_cast<std::int64_t>(grown / plan.connections));
  if (plan.hold.count() != 0)
    json.number("memory_bytes_held", static_cast<std::int64_t>(outcome.server_after->memory_bytes));
  json.end();
}

}  // namespace

std::string load_json(const Plan& plan, const Outcome& outcome, std::string_view version) {
  JsonText json;
  json.string("format", "sallyport-load-1").string("version", version);
  put_plan(json, plan, outcome);
  json.boolean("stopped", outcome.stopped).decimal("seconds", outcome.seconds);
  json.string("operation", plan.counts_handshakes() ? "handshake" : "request");
  json.number("good", static_cast<std::int64_t>(outcome.good(plan)));
  json.decimal("per_second", outcome.per_second(plan));
  if (outcome.noise >= 0) json.decimal("per_second_noise_percent", outcome.noise * 100);
  put_counts(json, outcome.tally);
  if (plan.hold.count() != 0) json.number("held", static_cast<std::int64_t>(outcome.tally.held));
  json.begin_object("handshakes").number("full", static_cast<std::int64_t>(outcome.tally.full));
  json.number("resumed", static_cast<std::int64_t>(outcome.tally.resumed));
  put_times(json, "times", outcome.tally.handshake);
  json.end();
  put_times(json, "latency", outcome.tally.latency);
  put_costs(json, plan, outcome);
  return json.finish();
}

}  // namespace sally::load
