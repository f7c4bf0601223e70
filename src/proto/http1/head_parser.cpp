#include "proto/http1/head_parser.h"

#include <bit>
#include <cstring>
#include <limits>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/ascii.h"
#include "base/number.h"
#include "http/octets.h"
#include "http/target.h"

namespace sally::http1 {
namespace {

using http::is;
using http::Request;
using http::Version;

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

WirePos pos(std::uint64_t offset, std::string_view field) { return WirePos{offset, -1, field}; }

/// The line feeds among up to 16 octets that begin at `base`, one bit each; moves `at` behind them. Octets
/// before `at` are left out.
unsigned line_feeds(std::string_view text, std::size_t& at, std::size_t& base) {
  const std::size_t size = text.size();
#if defined(__SSE2__)
  if (size >= 16) {
    base = std::min(at, size - 16);
    const __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + base));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8('\n'))));
    const unsigned wanted = ~0u << (at - base);
    at = base + 16;
    return mask & wanted;
  }
#endif
  base = at;
  at = std::min(size, base + 16);
  unsigned mask = 0;
  for (std::size_t i = base; i != at; ++i) mask |= unsigned{text[i] == '\n'} << (i - base);
  return mask;
}

Result<> parse_version(std::string_view text, std::uint64_t offset, Request& out) {
  if (is(text, "HTTP/1.1")) {
    out.version = Version::http1_1;
    return {};
  }
  if (is(text, "HTTP/1.0")) {
    out.version = Version::http1_0;
    return {};
  }
  const bool looks_right = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) &&
                           text[6] == '.' && is_digit(text[7]);
  if (!looks_right) return fail(kBadRequestLine, pos(offset, "version"));
  const bool preface = out.method_text == "PRI" && text == "HTTP/2.0";
  return fail(preface ? kHttp2Preface : kBadVersion, pos(offset, "version"));
}

/// "http://name:port/path?query": only the authority is cut off here (RFC 9112 3.2.2).
Result<std::string_view> absolute_authority(std::string_view& target, std::uint64_t offset, Request& out) {
  const std::size_t colon = target.find("://");
  if (colon == target.npos) return fail(kBadTarget, pos(offset, "request-target"));
  const std::string_view scheme = target.substr(0, colon);
  if (!ascii_iequals(scheme, "http") && !ascii_iequals(scheme, "https"))
    return fail(kBadTarget, pos(offset, "request-target"));
  // RFC 9110 7.4: https asked for over an insecure connection MUST be rejected; the other way round would
  // answer for a resource that is not the one meant.
  if (!ascii_iequals(scheme, out.scheme)) return fail(kWrongScheme, pos(offset, "request-target"));
  target.remove_prefix(colon + 3);
  const std::size_t end = std::min(target.find_first_of("/?"), target.size());
  const std::string_view authority = target.substr(0, end);
  target.remove_prefix(end);
  return authority;
}

Result<> set_origin_form(std::string_view target, std::uint64_t offset, Request& out) {
  const auto form = http::parse_origin_form(target);
  if (!form) return fail(kBadTarget, pos(offset, "request-target"));
  out.path = form->path;
  out.query = form->query;
  out.has_query = form->has_query;
  return {};
}

/// Sets path and query; `out.authority` is left empty unless the target holds one.
Result<> parse_target(std::string_view target, std::uint64_t offset, Request& out) {
  // RFC 9112 3.2.3: authority-form is for CONNECT, and CONNECT has no other.
  if (out.method == http::Method::connect) {
    out.authority = target;
    return {};
  }
  if (target.starts_with('/')) return set_origin_form(target, offset, out);
  // RFC 9112 3.2.4: asterisk-form is for OPTIONS only.
  if (target == "*" && out.method == http::Method::options) {
    out.path = target;
    return {};
  }
  TRY(out.authority, absolute_authority(target, offset, out));
  if (out.authority.empty()) return fail(kBadTarget, pos(offset, "request-target"));
  if (target.starts_with('/')) return set_origin_form(target, offset, out);
  // RFC 9112 3.2.4: no path means "*" for OPTIONS; RFC 9110 4.2.3: "/" for everything else.
  out.path = out.method == http::Method::options && target.empty() ? "*" : "/";
  if (target.empty()) return {};
  if (!http::is_request_path("/" + std::string(target)))
    return fail(kBadTarget, pos(offset, "request-target"));
  out.query = target.substr(1);
  out.has_query = true;
  return {};
}

/// `line` without its line end.
Result<> parse_request_line(std::string_view line, std::uint64_t offset, Request& out) {
  const char* const begin = line.data();
  const char* const end = begin + line.size();
  const char* at = begin;
  while (at != end && http::is_octet(*at, http::octets::kToken)) ++at;
  if (at == begin || at == end || *at != ' ') return fail(kBadRequestLine, pos(offset, "method"));
  out.method_text = {begin, static_cast<std::size_t>(at - begin)};
  out.method = is(out.method_text, "GET") ? http::Method::get : http::method_from(out.method_text);
  const char* const target = at + 1;
  const auto left = static_cast<std::size_t>(end - target);
  const auto* const target_end =
      left == 0 ? nullptr : static_cast<const char*>(std::memchr(target, ' ', left));
  if (target_end == nullptr || target_end == target)
    return fail(kBadRequestLine, pos(offset, "request-target"));
  const char* const version = target_end + 1;
  TRY_VOID(parse_version({version, static_cast<std::size_t>(end - version)},
                         offset + static_cast<std::uint64_t>(version - begin), out));
  return parse_target({target, static_cast<std::size_t>(target_end - target)},
                      offset + static_cast<std::uint64_t>(target - begin), out);
}

/// Why the octet after a field's name is no colon.
const ErrorKind& name_fault(const char* name, const char* at) {
  if (at == name && is_blank(*at)) return kFoldedLine;
  if (is_blank(*at)) {
    while (is_blank(*at)) ++at;
    return *at == ':' ? kSpaceBeforeColon : kBadFieldName;
  }
  return kBadFieldName;
}

/// Why a value ends with something else than CR LF.
const ErrorKind& line_fault(char at) {
  if (at == '\n') return kBareLf;
  return at == '\r' ? kBareCr : kBadFieldValue;
}

/// What the fields say that decides how the message goes on, gathered in one pass.
struct Framing {
  std::string_view host, length, coding, expect;
  unsigned hosts = 0, lengths = 0, codings = 0, expects = 0;
  bool connection = false;
  std::string_view upgrade;
  unsigned upgrades = 0;
};

Framing framing_of(const http::Fields& fields) {
  Framing f;
  for (const http::Field& field : fields) {
    if (is(field.name, "host"))
      f.host = field.value, ++f.hosts;
    else if (is(field.name, "expect"))
      f.expect = field.value, ++f.expects;
    else if (is(field.name, "connection"))
      f.connection = true;
    else if (is(field.name, "upgrade"))
      f.upgrade = field.value, ++f.upgrades;
    else if (is(field.name, "content-length"))
      f.length = field.value, ++f.lengths;
    else if (is(field.name, "transfer-encoding"))
      f.coding = field.value, ++f.codings;
  }
  return f;
}

Result<> settle_host(const Framing& f, std::uint64_t offset, Request& out) {
  // RFC 9112 3.2: 400 to an HTTP/1.1 request without Host and to any with more than one or an invalid one.
  if (f.hosts > 1) return fail(kDuplicateHost, pos(offset, "host"));
  if (f.hosts == 0 && out.version == Version::http1_1) return fail(kMissingHost, pos(offset, "host"));
  std::uint16_t port = 0;
  if (f.hosts == 1 && !http::parse_authority(f.host, out.host, port))
    return fail(kBadHost, pos(offset, "host"));
  if (out.authority.empty()) {
    out.authority = f.host;
    return {};
  }
  // RFC 9112 3.2.2: the target's authority replaces Host, also for whoever reads the fields later.
  if (!http::parse_authority(out.authority, out.host, port))
    return fail(kBadTarget, pos(offset, "request-target"));
  if (out.method == http::Method::connect && port == 0)
    return fail(kBadTarget, pos(offset, "request-target"));
  out.fields.set("host", out.authority);
  return {};
}

/// RFC 9112 6.1: other codings than chunked get 501; chunked twice or not last cannot be delimited: 400.
const ErrorKind& coding_fault(std::string_view value) {
  const std::size_t comma = value.rfind(',');
  if (comma == value.npos) return kBadCoding;
  if (!ascii_iequals(trim(value.substr(comma + 1)), "chunked")) return kBadCoding;
  http::Fields before;
  before.add("transfer-encoding", value.substr(0, comma));
  return before.lists("transfer-encoding", "chunked") ? kBadCoding : kUnknownCoding;
}

Result<> settle_content(const Framing& f, std::uint64_t offset, Request& out, HeadFacts& facts) {
  if (f.codings != 0) {
    if (f.lengths != 0) return fail(kLengthAndCoding, pos(offset, "transfer-encoding"));
    if (out.version == Version::http1_0) return fail(kCodingInOldVersion, pos(offset, "transfer-encoding"));
    if (f.codings > 1) return fail(kBadCoding, pos(offset, "transfer-encoding"));
    if (!ascii_iequals(f.coding, "chunked"))
      return fail(coding_fault(f.coding), pos(offset, "transfer-encoding"));
    facts.chunked = out.has_body = true;
  }
  if (f.lengths > 1) return fail(kDuplicateLength, pos(offset, "content-length"));
  if (f.lengths == 1) {
    out.content_length = parse_number<std::uint64_t>(f.length);
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!out.content_length || *out.content_length > kMost) {
      out.content_length.reset();
      return fail(kBadLength, pos(offset, "content-length"));
    }
    out.has_body = *out.content_length != 0;
  }
  if (out.method == http::Method::connect && (f.codings != 0 || f.lengths != 0))
    return fail(kConnectContent, pos(offset, "content-length"));
  // RFC 9110 10.1.1: ignore 100-continue from HTTP/1.0; 417 to what is not understood.
  if (f.expects == 0 || out.version == Version::http1_0) return {};
  if (f.expects > 1 || !ascii_iequals(f.expect, "100-continue"))
    return fail(kExpectation, pos(offset, "expect"));
  out.expects_continue = out.has_body;
  return {};
}

/// RFC 9110 7.8. Only where it can be granted: of one protocol, by a GET without content, as RFC 6455 4.1 has
/// it; anything else may be ignored.
void settle_upgrade(const Framing& f, Request& out) {
  if (f.upgrades != 1 || out.version != Version::http1_1 || out.method != http::Method::get || out.has_body)
    return;
  const bool one =
      std::ranges::all_of(f.upgrade, [](char c) { return http::is_octet(c, http::octets::kToken); });
  if (one && !f.upgrade.empty() && out.fields.lists("connection", "upgrade")) out.protocol = f.upgrade;
}

}  // namespace

std::size_t HeadScan::end_of(std::string_view text) {
  const char* const octets = text.data();
  const std::size_t size = text.size();
  for (std::size_t at = scanned_, base = 0; at < size;) {
    for (unsigned found = line_feeds(text, at, base); found != 0; found &= found - 1) {
      const std::size_t lf = base + static_cast<std::size_t>(std::countr_zero(found));
      if (first_line_ == 0) first_line_ = lf + 1;
      if (lf + 1 == size || (octets[lf + 1] == '\r' && lf + 2 == size)) {
        scanned_ = lf;  // cannot tell yet: look at this line end again
        return 0;
      }
      if (octets[lf + 1] == '\n') return lf + 2;
      if (octets[lf + 1] == '\r' && octets[lf + 2] == '\n') return lf + 3;
    }
  }
  scanned_ = size;
  return 0;
}

Result<> parse_fields(std::span<char> text, std::uint64_t offset, std::size_t limit, http::Fields& out) {
  char* at = text.data();
  char* const end = at + text.size();
  const auto here = [&](const char* where, std::string_view what) {
    return pos(offset + static_cast<std::uint64_t>(where - text.data()), what);
  };
  // The text ends with LF, so no scan for a line's end runs past it.
  while (*at != '\r') {
    char* const name = at;
    for (char lower; (lower = http::lower_token(*at)) != 0; ++at) *at = lower;
    if (*at != ':' || at == name) {
      if (*at == '\n' && at == name) return fail(kBareLf, here(at, "field-line"));
      return fail(name_fault(name, at), here(at, "field-name"));
    }
    const std::string_view name_text(name, static_cast<std::size_t>(at - name));
    do ++at;
    while (is_blank(*at));
    char* const value = at;
    at += http::find_control(at, end) - at;
    if (*at != '\r' || at[1] != '\n') return fail(line_fault(*at), here(at, "field-value"));
    const char* value_end = at;
    while (value_end != value && is_blank(value_end[-1])) --value_end;
    if (out.size() == limit)
      return fail(kTooManyFields, here(name, "field-line"), "limit is " + std::to_string(limit));
    out.add(name_text, {value, static_cast<std::size_t>(value_end - value)});
    at += 2;
  }
  if (end - at != 2 || at[1] != '\n') return fail(kBareCr, here(at, "field-line"));
  return {};
}

Result<HeadFacts> parse_head(std::span<char> head, std::uint64_t offset, const http::HttpLimits& limits,
                             bool secure, http::Request& out) {
  out.scheme = secure ? "https" : "http";
  const char* const begin = head.data();
  const char* const line_end = http::find_control(begin, begin + head.size());
  const auto line_size = static_cast<std::size_t>(line_end - begin);
  if (*line_end != '\r' || line_end[1] != '\n') {
    const ErrorKind& fault = line_fault(*line_end);
    return fail(fault.id == kBadFieldValue.id ? kBadRequestLine : fault,
                pos(offset + line_size, "request-line"));
  }
  TRY_VOID(parse_request_line({begin, line_size}, offset, out));
  const std::size_t fields_at = line_size + 2;
  TRY_VOID(parse_fields(head.subspan(fields_at), offset + fields_at, limits.header_count, out.fields));

  HeadFacts facts;
  const Framing framing = framing_of(out.fields);
  TRY_VOID(settle_host(framing, offset, out));
  TRY_VOID(settle_content(framing, offset, out, facts));
  if (framing.connection) {
    facts.close = out.fields.lists("connection", "close");
    facts.keep_alive = out.fields.lists("connection", "keep-alive");
    if (framing.upgrades != 0) settle_upgrade(framing, out);
  }
  return facts;
}

}  // namespace sally::http1
