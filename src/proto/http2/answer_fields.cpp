#include "proto/http2/answer_fields.h"

#include <charconv>
#include <optional>

#include "base/number.h"
#include "http/octets.h"
#include "http/status.h"
#include "proto/http2/errors.h"

namespace sally::http2 {
namespace {

using http::is;

std::unexpected<Error> bad(std::string detail) { return fail(kBadAnswer, std::move(detail)); }

std::string_view number_text(http::Exchange& x, std::uint64_t n) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
  return x.arena.copy({digits, static_cast<std::size_t>(end - digits)});
}

void add_status(http::Exchange& x, int status, FieldList& to) {
  to.add(":status", status == 200   ? "200"
                    : status == 304 ? "304"
                                    : number_text(x, static_cast<std::uint64_t>(status)));
}

/// What is the codec's own, or means nothing in HTTP/2 (RFC 9113 8.2.2).
bool is_forbidden(std::string_view name) {
  switch (name.size()) {
    case 4:
      return is(name, "date");
    case 6:
      return is(name, "server");
    case 7:
      return is(name, "upgrade") || is(name, "trailer");
    case 10:
      return is(name, "connection") || is(name, "keep-alive");
    case 16:
      return is(name, "proxy-connection");
    case 17:
      return is(name, "transfer-encoding");
    default:
      return false;
  }
}

/// Whatever version a proxy may turn this into: no control octet leaves here.
Result<> add_checked(const http::Field& f, FieldList& to) {
  if (is_forbidden(f.name)) return bad("field " + std::string(f.name));
  if (!http::is_field_name(f.name)) return bad("field name");
  if (!http::is_field_value(f.value)) return bad("value of " + std::string(f.name));
  to.add(f.name, f.value);
  return {};
}

struct StatedLength {
  std::optional<std::uint64_t> value;
  bool listed = false;  ///< among the prepared fields
};

Result<> state_length(std::string_view text, StatedLength& stated) {
  const auto n = parse_number<std::uint64_t>(text);
  if (!n || (stated.value && *stated.value != *n)) return bad("content-length");
  stated.value = n;
  return {};
}

/// The response's own fields; a content-length among `fields` is held back.
Result<StatedLength> add_fields(const http::Response& r, FieldList& to) {
  StatedLength stated;
  if (r.prepared) {
    for (const http::Field& f : r.prepared->fields) {
      if (is(f.name, "content-length")) {
        TRY_VOID(state_length(f.value, stated));
        stated.listed = true;
      }
      to.add(f.name, f.value);
    }
  }
  for (const http::Field& f : r.fields) {
    if (is(f.name, "content-length")) {
      TRY_VOID(state_length(f.value, stated));
      continue;
    }
    TRY_VOID(add_checked(f, to));
  }
  return stated;
}

/// An answer without content: only what HEAD and 304 may say of the content they leave out.
Result<AnswerPlan> plan_nothing(http::Exchange& x, const StatedLength& stated, FieldList& to) {
  const http::Response& r = x.response;
  // RFC 9110 8.6: no Content-Length in a 204, nor in a 2xx to CONNECT.
  const bool allowed = r.status == 304 || (x.request.method == http::Method::head && r.status != 204);
  if (stated.listed && !allowed) return bad("content-length with " + std::to_string(r.status));
  if (stated.listed || !allowed) return AnswerPlan{};
  auto length = stated.value;
  // A body that was given to HEAD tells the length of what GET would get; no body tells nothing.
  if (!length && r.status != 304 && !r.body.is_empty()) length = r.body.length();
  if (length) to.add("content-length", number_text(x, *length));
  return AnswerPlan{};
}

Result<AnswerPlan> plan_content(http::Exchange& x, const StatedLength& stated, FieldList& to) {
  const http::Response& r = x.response;
  auto length = r.body.length();
  if (stated.value && length && *stated.value != *length) return bad("content-length and body disagree");
  if (stated.value) length = stated.value;
  if (length && !stated.listed) to.add("content-length", number_text(x, *length));
  AnswerPlan plan;
  plan.length_known = length.has_value();
  plan.length = length.value_or(0);
  plan.has_content = !plan.length_known || plan.length != 0 || !r.trailers.empty();
  return plan;
}

}  // namespace

void FieldList::spill(const nghttp2_nv& nv) {
  if (large_.empty()) large_.assign(small_.begin(), small_.begin() + static_cast<std::ptrdiff_t>(size_));
  large_.push_back(nv);
}

Result<AnswerPlan> list_answer(http::Exchange& x, const http::Stamp& stamp, FieldList& to) {
  const http::Response& r = x.response;
  if (r.status < 200 || r.status > 599) return bad("status " + std::to_string(r.status));
  add_status(x, r.status, to);
  TRY(const StatedLength stated, add_fields(r, to));
  const bool nothing = http::forbids_content(r.status) || x.request.method == http::Method::head ||
                       (x.request.method == http::Method::connect && r.status < 300 && !x.tunnel());
  TRY(const AnswerPlan plan, nothing ? plan_nothing(x, stated, to) : plan_content(x, stated, to));
  if (x.added)
    for (const http::Field& f : x.added->fields) to.add(f.name, f.value);
  to.add("date", x.arena.copy(stamp.date_text()));  // a copy: the stamp's text goes with its second
  if (!stamp.server.empty()) to.add("server", stamp.server);
  return plan;
}

Result<> list_interim(http::Exchange& x, int status, const http::Fields& fields, FieldList& to) {
  if (status < 100 || status > 199 || status == 101) return bad("interim status " + std::to_string(status));
  add_status(x, status, to);
  return list_trailers(fields, to);
}

Result<> list_trailers(const http::Fields& fields, FieldList& to) {
  for (const http::Field& f : fields) {
    if (is(f.name, "content-length")) return bad("field content-length");
    TRY_VOID(add_checked(f, to));
  }
  return {};
}

}  // namespace sally::http2
