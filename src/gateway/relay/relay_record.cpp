#include "gateway/relay/relay_record.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <iterator>

#include "gateway/log_fields.h"

namespace sally::gateway {
namespace {

void append_json(std::string& out, const RelayRecord& r, std::int64_t unix_now, double seconds) {
  const http::ConnectionFacts& f = r.facts;
  fmt::format_to(std::back_inserter(out), "{{\"time\":\"{:%Y-%m-%dT%H:%M:%SZ}\"",
                 fmt::gmtime(static_cast<std::time_t>(unix_now)));
  append_log_field(out, "client", f.client_address);
  fmt::format_to(std::back_inserter(out), ",\"port\":{}", f.server_port);
  append_log_field(out, "protocol", r.protocol);
  if (r.starttls) out += ",\"starttls\":true";
  if (r.datagrams) out += ",\"transport\":\"udp\"";
  if (r.passed) out += ",\"passed\":true";
  append_log_field(out, "site", r.site);
  append_log_field(out, "backend", r.backend);
  fmt::format_to(std::back_inserter(out), ",\"bytes\":{},\"received_bytes\":{},\"seconds\":{:.6f}",
                 r.to_client, r.from_client, seconds);
  if (r.transfers != 0) fmt::format_to(std::back_inserter(out), ",\"transfers\":{}", r.transfers);
  append_log_field(out, "sni", f.server_name);
  if (f.secure) {
    append_log_field(out, "tls", f.tls_version);
    append_log_field(out, "suite", f.tls_suite);
    append_log_field(out, "group", f.tls_group);
    out += f.resumed ? ",\"resumed\":true" : ",\"resumed\":false";
    append_log_field(out, "alpn", f.alpn);
  }
  fmt::format_to(std::back_inserter(out), ",\"connection\":{}", f.connection_id);
  append_log_field(out, "ended_by", r.ended_by);
  append_log_field(out, "failure", r.failure);
  out += "}\n";
}

}  // namespace

void append_relay_line(std::string& out, LogFormat format, const RelayRecord& r, std::int64_t unix_now,
                       TimePoint now) {
  if (format == LogFormat::json)
    return append_json(out, r, unix_now, std::chrono::duration<double>(now - r.began).count());
  const std::string_view address = r.facts.client_address;
  fmt::format_to(std::back_inserter(out), "{} - - [{:%d/%b/%Y:%H:%M:%S} +0000] \"CONNECT {} {}\" 0 {}\n",
                 address.empty() ? "-" : address, fmt::gmtime(static_cast<std::time_t>(unix_now)),
                 r.backend.empty() ? "-" : std::string_view(r.backend), r.protocol.empty() ? "-" : r.protocol,
                 r.to_client);
}

}  // namespace sally::gateway
