#include "proto/http2/request_head.h"

#include <cstring>

#include "base/number.h"
#include "http/octets.h"
#include "http/target.h"

namespace sally::http2 {
namespace {

constexpr std::size_t kFieldOverhead = 32;  ///< RFC 9113 6.5.2: how SETTINGS_MAX_HEADER_LIST_SIZE counts
constexpr std::size_t kAbsurd = 4;

/// RFC 9113 8.2.3: crumbs of a cookie are joined with "; " before anybody else sees them.
void join_cookies(http::Exchange& x, std::size_t bytes) {
  auto* const to = reinterpret_cast<char*>(x.arena.take(bytes, 1));
  std::size_t at = 0;
  for (const http::Field& f : x.request.fields) {
    if (f.name != "cookie") continue;
    if (at != 0) {
      std::memcpy(to + at, "; ", 2);
      at += 2;
    }
    std::memcpy(to + at, f.value.data(), f.value.size());
    at += f.value.size();
  }
  x.request.fields.set("cookie", {to, at});
}

}  // namespace

RequestHead::Take RequestHead::field(http::Exchange& x, const http::HttpLimits& limits, std::string_view name,
                                     std::string_view value) {
  bytes_ += name.size() + value.size() + kFieldOverhead;
  ++count_;
  if (bytes_ > kAbsurd * limits.header_bytes || count_ > kAbsurd * limits.header_count) return Take::absurd;
  if (too_large_ || bytes_ > limits.header_bytes || count_ > limits.header_count) {
    too_large_ = true;
    return Take::too_large;
  }
  if (name.starts_with(':')) {
    pseudo(x, name, x.arena.copy(value));
    return Take::ok;
  }
  if (http::is(name, "cookie")) {
    ++cookies_;
    cookie_bytes_ += value.size() + 2;
  }
  x.request.fields.add(x.arena.copy(name), x.arena.copy(value));
  return Take::ok;
}

void RequestHead::pseudo(http::Exchange& x, std::string_view name, std::string_view value) {
  http::Request& r = x.request;
  if (http::is(name, ":method")) {
    r.method_text = value;
    r.method = http::method_from(value);
  } else if (http::is(name, ":path")) {
    r.path = value;
  } else if (http::is(name, ":authority")) {
    r.authority = value;
  } else if (http::is(name, ":scheme")) {
    r.scheme = value;
  } else if (http::is(name, ":protocol")) {
    r.protocol = value;
  }
}

int RequestHead::finish(http::Exchange& x, bool secure, bool end_stream) {
  http::Request& r = x.request;
  r.version = http::Version::http2;
  if (too_large_) return 431;
  if (r.method == http::Method::connect) return 501;  // no handler tunnels
  if (r.scheme != (secure ? "https" : "http")) return 400;

  // RFC 9113 8.3.1: "*" for OPTIONS only; otherwise a path as in HTTP/1.
  if (r.path == "*") {
    if (r.method != http::Method::options) return 400;
  } else {
    const auto target = http::parse_origin_form(r.path);
    if (!target) return 400;
    r.path = target->path;
    r.query = target->query;
    r.has_query = target->has_query;
  }

  // RFC 9113 8.3.1: host and :authority must not disagree; one of them must be there for us to know the site.
  const auto host = r.fields.first("host");
  if (host && (r.fields.count("host") > 1 || (!r.authority.empty() && *host != r.authority))) return 400;
  if (r.authority.empty()) r.authority = host.value_or("");
  std::uint16_t port = 0;
  if (!http::parse_authority(r.authority, r.host, port)) return 400;

  if (const auto length = r.fields.first("content-length")) r.content_length = parse_number<std::uint64_t>(*length);
  r.has_body = !end_stream;
  r.expects_continue = !end_stream && r.fields.lists("expect", "100-continue");
  if (cookies_ > 1) join_cookies(x, cookie_bytes_);
  return 0;
}

}  // namespace sally::http2
