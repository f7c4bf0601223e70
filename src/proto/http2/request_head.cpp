#include "proto/http2/request_head.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/ascii.h"
#include "base/number.h"
#include "http/octets.h"
#include "http/target.h"
#include "proto/http2/errors.h"

namespace sally::http2 {
namespace {

using http::is;
using http::Method;
using http::Request;

constexpr std::size_t kFieldOverhead = 32;  // RFC 9113 6.5.2

/// RFC 9110 6.5.1: what would change framing or routing is refused.
constexpr std::array<std::string_view, 5> kRefusedTrailers = {"content-length", "host", "trailer", "te",
                                                              "expect"};
/// The same section: what would change how the request is understood or who asks is dropped.
constexpr std::array<std::string_view, 10> kDroppedTrailers = {
    "authorization", "proxy-authorization", "cookie", "content-type", "content-encoding",
    "content-range", "cache-control",       "range",  "max-forwards", "if-match"};

void add_pseudo(HeadReading& s, std::string_view name, std::string_view value) {
  Request& r = s.x.request;
  if (is(name, ":method")) {
    r.method = http::method_from(value);
    r.method_text = r.method == Method::other ? s.x.arena.copy(value) : http::method_text(r.method);
  } else if (is(name, ":scheme")) {
    r.scheme = is(value, "https") ? "https" : s.x.arena.copy(value);
  } else if (is(name, ":path")) {
    r.path = s.x.arena.copy(value);
  } else if (is(name, ":authority")) {
    r.authority = s.x.arena.copy(value);
  } else if (is(name, ":protocol")) {
    r.protocol = s.x.arena.copy(value);
  }
}

/// RFC 9113 8.2.3: the crumbs of a cookie, joined before anybody else sees them.
void join_cookies(HeadReading& s) {
  http::Fields& fields = s.x.request.fields;
  std::size_t size = 0;
  for (const http::Field& f : fields)
    if (is(f.name, "cookie")) size += f.value.size() + 2;
  auto* const all = reinterpret_cast<char*>(s.x.arena.take(size, 1));
  char* at = all;
  for (const http::Field& f : fields) {
    if (!is(f.name, "cookie")) continue;
    if (at != all) at = std::copy_n("; ", 2, at);
    at = std::copy(f.value.begin(), f.value.end(), at);
  }
  fields.set("cookie", {all, static_cast<std::size_t>(at - all)});
}

Result<> take_authority(HeadReading& s) {
  Request& r = s.x.request;
  const WirePos at{UINT64_MAX, s.id, ":authority"};
  if (s.host_count > 1) return fail(kHostDiffers, at);
  if (s.host_count == 1) {
    const std::string_view host = *r.fields.first("host");
    if (r.authority.empty())
      r.authority = host;
    else if (!ascii_iequals(r.authority, host))
      return fail(kHostDiffers, at);
  }
  std::uint16_t port = 0;
  if (!http::parse_authority(r.authority, r.host, port)) return fail(kBadAuthority, at);
  return {};
}

Result<> take_target(HeadReading& s, const http::HttpLimits& limits, bool secure) {
  Request& r = s.x.request;
  const WirePos at{UINT64_MAX, s.id, ":path"};
  TRY_VOID(take_authority(s));
  // nghttp2 has seen to it that CONNECT has neither, and everything else both (with :protocol: RFC 8441 4).
  if (r.method == Method::connect && r.protocol.empty()) {
    r.scheme = secure ? "https" : "http";
    return {};
  }
  if (!ascii_iequals(r.scheme, secure ? "https" : "http")) return fail(kWrongScheme, at);
  r.scheme = secure ? "https" : "http";
  if (r.path.size() > limits.request_line_bytes)
    return fail(kPathTooLong, at, "limit is " + std::to_string(limits.request_line_bytes) + " bytes");
  if (is(r.path, "*")) return r.method == Method::options ? Result<>() : fail(kBadPath, at);
  const auto form = http::parse_origin_form(r.path);
  if (!form) return fail(kBadPath, at);
  r.path = form->path;
  r.query = form->query;
  r.has_query = form->has_query;
  return {};
}

Result<> take_framing(HeadReading& s) {
  Request& r = s.x.request;
  for (const http::Field& f : r.fields) {
    if (is(f.name, "content-length")) {
      const auto length = parse_number<std::uint64_t>(f.value);
      if (!length || r.content_length) return fail(kBadLength, WirePos{UINT64_MAX, s.id, "content-length"});
      r.content_length = length;
    } else if (is(f.name, "expect")) {
      if (!ascii_iequals(f.value, "100-continue"))
        return fail(kExpectation, WirePos{UINT64_MAX, s.id, "expect"});
      r.expects_continue = r.has_body;
    }
  }
  return {};
}

}  // namespace

bool add_head_field(HeadReading& s, const http::HttpLimits& limits, std::string_view name,
                    std::string_view value) {
  s.head_bytes += name.size() + value.size() + kFieldOverhead;
  ++s.field_count;
  if (s.head_bytes > limits.header_bytes * kBombFactor) return false;
  if (s.head_fault != nullptr) return true;
  if (s.head_bytes > limits.header_bytes)
    s.head_fault = &kHeadTooLarge;
  else if (s.field_count > limits.header_count + 4)  // the pseudo-fields are no fields
    s.head_fault = &kTooManyFields;
  else if (name.front() == ':')
    add_pseudo(s, name, value);
  else {
    auto* const text = reinterpret_cast<char*>(s.x.arena.take(name.size() + value.size(), 1));
    std::memcpy(text, name.data(), name.size());
    if (!value.empty()) std::memcpy(text + name.size(), value.data(), value.size());
    s.x.request.fields.add({text, name.size()}, {text + name.size(), value.size()});
    if (is(name, "cookie")) ++s.cookie_count;
    if (is(name, "host")) ++s.host_count;
  }
  return true;
}

Result<> finish_head(HeadReading& s, const http::HttpLimits& limits, bool secure) {
  Request& r = s.x.request;
  if (s.head_fault != nullptr) return fail(*s.head_fault, WirePos{UINT64_MAX, s.id, "header"});
  if (r.fields.size() > limits.header_count) return fail(kTooManyFields, WirePos{UINT64_MAX, s.id, "header"});
  for (const char c : r.method_text)
    if (!http::is_octet(c, http::octets::kToken))
      return fail(kBadMethod, WirePos{UINT64_MAX, s.id, ":method"});
  TRY_VOID(take_target(s, limits, secure));
  TRY_VOID(take_framing(s));
  if (s.cookie_count > 1) join_cookies(s);
  return {};
}

Result<> add_trailer(HeadReading& s, const http::HttpLimits& limits, std::string_view name,
                     std::string_view value) {
  const WirePos at{UINT64_MAX, s.id, "trailer-section"};
  s.head_bytes += name.size() + value.size() + kFieldOverhead;
  if (s.head_bytes > limits.trailer_bytes || s.x.request_body.trailers.size() >= limits.trailer_count)
    return fail(kTrailersTooLarge, at);
  if (std::ranges::find(kRefusedTrailers, name) != kRefusedTrailers.end()) return fail(kForbiddenTrailer, at);
  if (std::ranges::find(kDroppedTrailers, name) != kDroppedTrailers.end()) return {};
  s.x.request_body.trailers.add(s.x.arena.copy(name), s.x.arena.copy(value));
  return {};
}

}  // namespace sally::http2
