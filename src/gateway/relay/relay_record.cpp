#include "gateway/relay/relay_record.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <iterator>

#include "base/escape.h"

namespace sally::gateway {
namespace {

constexpr std::size_t kLongestText = 1024;  ///< of one field of a line

void field(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  out.append(",\"").append(key).append("\":\"");
  append_json_ascii(out, text.substr(0, kLongestText));
  out += '"';
}

void append_json(std::string& out, const RelayRecord& r, std::int64_t unix_now, double seconds) {
  const http::ConnectionFacts& f = r.facts;
  fmt::format_to(std::back_inserter(out), "{{\"time\":\"{:%Y-%m-%dT%H:%M:%SZ}\"",
                 fmt::gmtime(static_cast<std::time_t>(unix_now)));
  field(out, "client", f.client_address);
  fmt::format_to(std::back_inserter(out), ",\"port\":{}", f.server_port);
  field(out, "protocol", r.protocol);
  if (r.starttls) out += ",\"starttls\":true";
  if (r.datagrams) out += ",\"transport\":\"udp\"";
  if (r.passed) out += ",\"passed\":true";
  field(out, "site", r.site);
  field(out, "backend", r.backend);
  fmt::format_to(std::back_inserter(out), ",\"bytes\":{},\"received_bytes\":{},\"seconds\":{:.6f}",
                 r.to_client, r.from_client, seconds);
  if (r.transfers != 0) fmt::format_to(std::back_inserter(out), ",\"transfers\":{}", r.transfers);
  field(out, "sni", f.server_name);
  if (f.secure) {
    field(out, "tls", f.tls_version);
    field(out, "suite", f.tls_suite);
    field(out, "group", f.tls_group);
    out += f.resumed ? ",\"resumed\":true" : ",\"resumed\":false";
    field(out, "alpn", f.alpn);
  }
  fmt::format_to(std::back_inserter(out), ",\"connection\":{}", f.connection_id);
  field(out, "ended_by", r.ended_by);
  field(out, "failure", r.failure);
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
