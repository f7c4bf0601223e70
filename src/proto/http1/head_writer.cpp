#include "proto/http1/head_writer.h"

#include <charconv>

#include "base/number.h"
#include "http/octets.h"
#include "http/status.h"

namespace sally::http1 {
namespace {

using http::is;
using http::Version;

std::unexpected<Error> bad(std::string detail) { return fail(kBadAnswer, std::move(detail)); }

void add_status_line(int status, HeadText& to) {
  if (status == 200) return to.add("HTTP/1.1 200 OK\r\n");
  to.add("HTTP/1.1 ");
  to.add_number(static_cast<std::uint64_t>(status));
  to.add(" ");
  to.add(http::reason_phrase(status));
  to.add("\r\n");
}

void add_stamp(const http::Stamp& stamp, HeadText& to) {
  to.add("date: ");
  to.add(stamp.date_text());
  to.add("\r\n");
  if (stamp.server.empty()) return;
  to.add("server: ");
  to.add(stamp.server);
  to.add("\r\n");
}

/// Fields whose meaning is the codec's: a handler's would end or frame the message behind its back.
bool is_codecs_own(std::string_view name) {
  return is(name, "date") || is(name, "server") || is(name, "connection") || is(name, "keep-alive") ||
         is(name, "upgrade") || is(name, "trailer") || is(name, "transfer-encoding");
}

/// Response splitting ends here: no name or value with CR, LF or another control leaves this function.
Result<> add_checked(const http::Field& f, HeadText& to) {
  if (!http::is_field_name(f.name)) return bad("field name");
  const char* const end = f.value.data() + f.value.size();
  if (http::find_control(f.value.data(), end) != end) return bad("value of " + std::string(f.name));
  to.add_field(f.name, f.value);
  return {};
}

/// The content-length that the handler wrote itself, in `prepared` or `fields`.
struct StatedLength {
  std::optional<std::uint64_t> value;
  bool in_prepared = false;
};

Result<> state_length(std::string_view text, StatedLength& stated) {
  const auto n = parse_number<std::uint64_t>(text);
  if (!n || (stated.value && *stated.value != *n)) return bad("content-length");
  stated.value = n;
  return {};
}

/// Sends the response's own fields, content-length held back.
Result<StatedLength> add_fields(const http::Response& r, HeadText& to) {
  StatedLength stated;
  if (r.prepared) {
    for (const http::Field& f : r.prepared->fields) {
      if (!is(f.name, "content-length")) continue;
      TRY_VOID(state_length(f.value, stated));
      stated.in_prepared = true;
    }
    to.add(r.prepared->http1);
  }
  for (const http::Field& f : r.fields) {
    if (is(f.name, "content-length")) {
      TRY_VOID(state_length(f.value, stated));
      continue;
    }
    // RFC 9110 15.5.22: 426 names the protocol that it wants.
    const bool wanted_protocol = r.status == 426 && is(f.name, "upgrade");
    if (is_codecs_own(f.name) && !wanted_protocol) return bad("field " + std::string(f.name));
    TRY_VOID(add_checked(f, to));
  }
  return stated;
}

/// An answer without content: only what HEAD and 304 may say of the content they leave out.
Result<> add_length_of_nothing(const http::Exchange& x, const StatedLength& stated, HeadText& to) {
  const http::Response& r = x.response;
  // RFC 9110 8.6: no Content-Length in a 204, nor in a 2xx to CONNECT.
  const bool allowed = r.status == 304 || (x.request.method == http::Method::head && r.status != 204);
  if (stated.in_prepared)
    return allowed ? Result<>() : bad("content-length with " + std::to_string(r.status));
  if (!allowed) return {};
  auto length = stated.value;
  // A body that was given to HEAD tells the length of what GET would get; no body tells nothing.
  if (!length && r.status != 304 && !r.body.is_empty()) length = r.body.length();
  if (!length) return {};
  to.add("content-length: ");
  to.add_number(*length);
  to.add("\r\n");
  return {};
}

/// Adds what tells the body's end.
Result<AnswerPlan> add_framing(const http::Exchange& x, const StatedLength& stated, HeadText& to) {
  const http::Response& r = x.response;
  const bool no_content = http::forbids_content(r.status) || x.request.method == http::Method::head ||
                          (x.request.method == http::Method::connect && r.status < 300);
  if (no_content) {
    TRY_VOID(add_length_of_nothing(x, stated, to));
    return AnswerPlan{};
  }
  auto length = r.body.length();
  if (stated.value && length && *stated.value != *length) return bad("content-length and body disagree");
  if (stated.value) length = stated.value;
  if (!length) {
    if (x.request.version == Version::http1_0) return AnswerPlan{Framing::until_close, 0, true};
    to.add("transfer-encoding: chunked\r\n");
    return AnswerPlan{Framing::chunked};
  }
  if (!stated.in_prepared) {
    to.add("content-length: ");
    to.add_number(*length);
    to.add("\r\n");
  }
  return AnswerPlan{Framing::length, *length};
}

/// RFC 9110 15.2.2: the last head of a connection that goes on in another protocol.
Result<AnswerPlan> write_switch(const http::Exchange& x, const http::Stamp& stamp, HeadText& to) {
  add_status_line(101, to);
  TRY(const StatedLength stated, add_fields(x.response, to));
  if (stated.value) return bad("content-length with 101");
  to.add_field("upgrade", x.request.protocol);
  to.add("connection: upgrade\r\n");
  add_stamp(stamp, to);
  to.add("\r\n");
  return AnswerPlan{Framing::until_close, 0, true};
}

}  // namespace

void HeadText::add_number(std::uint64_t n) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
  add({digits, static_cast<std::size_t>(end - digits)});
}

void HeadText::spill(std::string_view s) {
  if (large_.empty()) large_.assign(small_, size_);
  large_ += s;
}

Result<AnswerPlan> write_head(const http::Exchange& x, const http::Stamp& stamp, bool close, HeadText& to) {
  const http::Response& r = x.response;
  if (x.tunnel()) return write_switch(x, stamp, to);
  if (r.status < 200 || r.status > 599) return bad("status " + std::to_string(r.status));
  add_status_line(r.status, to);
  TRY(const StatedLength stated, add_fields(r, to));
  TRY(AnswerPlan plan, add_framing(x, stated, to));
  plan.close |= close;
  if (x.added) to.add(x.added->http1);
  add_stamp(stamp, to);
  // RFC 9112 9.3: HTTP/1.1 stays open unless told, HTTP/1.0 closes unless told.
  if (plan.close) to.add("connection: close\r\n");
  if (r.status == 426 && r.fields.count("upgrade") != 0) to.add("connection: upgrade\r\n");  // RFC 9110 7.8
  if (!plan.close && x.request.version == Version::http1_0) to.add("connection: keep-alive\r\n");
  to.add("\r\n");
  return plan;
}

Result<> write_interim(int status, const http::Fields& fields, HeadText& to) {
  if (status < 100 || status > 199 || status == 101) return bad("interim status " + std::to_string(status));
  add_status_line(status, to);
  TRY_VOID(write_trailers(fields, to));
  to.add("\r\n");
  return {};
}

std::size_t write_farewell(int status, std::string_view what, bool with_content, const http::Stamp& stamp,
                           HeadText& to) {
  const std::string content = std::to_string(status) + " " + std::string(http::reason_phrase(status)) + ": " +
                              std::string(what) + "\n";
  add_status_line(status, to);
  to.add("content-type: text/plain; charset=utf-8\r\ncontent-length: ");
  to.add_number(content.size());
  to.add("\r\n");
  add_stamp(stamp, to);
  to.add("connection: close\r\n\r\n");
  if (!with_content) return 0;
  to.add(content);
  return content.size();
}

Result<> write_trailers(const http::Fields& fields, HeadText& to) {
  for (const http::Field& f : fields) {
    if (is_codecs_own(f.name) || f.name == "content-length") return bad("field " + std::string(f.name));
    TRY_VOID(add_checked(f, to));
  }
  return {};
}

}  // namespace sally::http1
