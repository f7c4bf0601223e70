#include "gateway/access_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <iterator>

#include "base/escape.h"
#include "gateway/log_fields.h"

namespace sally::gateway {
namespace {

template <typename T>
void number(std::string& out, std::string_view key, T value) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", key, value);
}

void append_target(std::string& out, const http::Request& r) {
  std::string target(r.asked());
  if (r.has_query) target.append("?").append(r.query);
  append_json_ascii(out, std::string_view(target).substr(0, kLongestLogText));
}

void append_json(std::string& out, const http::Exchange& x, std::int64_t unix_now, double seconds) {
  const http::Request& r = x.request;
  fmt::format_to(std::back_inserter(out), "{{\"time\":\"{:%Y-%m-%dT%H:%M:%SZ}\"",
                 fmt::gmtime(static_cast<std::time_t>(unix_now)));
  if (x.facts) append_log_field(out, "client", x.facts->client_address);
  append_log_field(out, "site", x.site);
  append_log_field(out, "method", r.method_text);
  append_log_field(out, "host", r.host);
  out += ",\"path\":\"";
  append_target(out, r);
  out += '"';
  append_log_field(out, "version", http::version_text(r.version));
  number(out, "status", x.response.status);
  number(out, "bytes", x.sent_body_bytes);
  number(out, "request_bytes", x.request_body.received_bytes());
  fmt::format_to(std::back_inserter(out), ",\"seconds\":{:.6f}", seconds);
  if (x.facts && x.facts->secure) {
    append_log_field(out, "tls", x.facts->tls_version);
    append_log_field(out, "suite", x.facts->tls_suite);
    append_log_field(out, "group", x.facts->tls_group);
    append_log_field(out, "sni", x.facts->server_name);
    out += x.facts->resumed ? ",\"resumed\":true" : ",\"resumed\":false";
    append_log_field(out, "alpn", x.facts->alpn);
  }
  append_log_field(out, "referer", r.fields.first("referer").value_or(""));
  append_log_field(out, "user_agent", r.fields.first("user-agent").value_or(""));
  if (x.facts) number(out, "connection", x.facts->connection_id);
  append_log_field(out, "request", x.request_id);
  append_log_field(out, "failure", x.failure);
  out += "}\n";
}

void append_common(std::string& out, const http::Exchange& x, std::int64_t unix_now) {
  const http::Request& r = x.request;
  fmt::format_to(std::back_inserter(out), "{} {} - [{:%d/%b/%Y:%H:%M:%S} +0000] \"",
                 x.facts ? std::string_view(x.facts->client_address) : "-",
                 x.request_id.empty() ? std::string_view("-") : x.request_id,
                 fmt::gmtime(static_cast<std::time_t>(unix_now)));
  append_json_ascii(out, r.method_text.empty() ? std::string_view("-") : r.method_text.substr(0, 32));
  out += ' ';
  append_target(out, r);
  fmt::format_to(std::back_inserter(out), " {}\" {} {}\n", http::version_text(r.version), x.response.status,
                 x.sent_body_bytes);
}

}  // namespace

void append_access_line(std::string& out, LogFormat format, const http::Exchange& x, std::int64_t unix_now,
                        TimePoint now) {
  const TimePoint began = x.began == TimePoint{} ? now : x.began;
  if (format == LogFormat::json)
    append_json(out, x, unix_now, std::chrono::duration<double>(now - began).count());
  else
    append_common(out, x, unix_now);
}

}  // namespace sally::gateway
