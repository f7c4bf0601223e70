// Feeds whatever comes to a ServerCodec, in pieces and with little room, and checks what must hold for any
// input.
#include <cstdint>
#include <cstdlib>

#include "base/number.h"
#include "http/octets.h"
#include "proto/http1/test_connection.h"

namespace {

using namespace sally;

void must(bool holds) {
  if (!holds) std::abort();
}

/// Every answer must be one that our own rules would read: status line, fields without controls, framing.
void check_answers(std::string_view out) {
  for (std::size_t at = 0; at < out.size();) {
    must(out.substr(at).starts_with("HTTP/1.1 "));
    const std::size_t end = out.find("\r\n\r\n", at);
    if (end == out.npos) return;  // no room was left for the rest
    const std::string_view head = out.substr(at, end - at);
    const std::size_t length_at = head.find("\r\ncontent-length: ");
    at = end + 4;
    if (head.starts_with("HTTP/1.1 100 ") || head.find("\r\nx-head: 1") != head.npos) continue;
    must(length_at != head.npos);
    const std::string_view from = head.substr(length_at + 18);
    const auto length = parse_number<std::size_t>(from.substr(0, from.find('\r')));
    must(length.has_value());
    at += *length;
  }
}

/// The first octet decides how a request is answered: at once, by reading its body, or not at all for a
/// while.
void answer(http::Exchange& x, unsigned how) {
  must(!x.request.method_text.empty());
  must(x.request.host.empty() == x.request.authority.empty());
  must(x.request.path.empty() == (x.request.method == http::Method::connect));
  must(!(x.request.content_length && x.request.fields.count("transfer-encoding") != 0));
  must(x.request.version == http::Version::http1_0 || x.request.fields.count("host") == 1);
  for (const http::Field& f : x.request.fields)
    must(http::is_field_name(f.name) && http::is_field_value(f.value));
  if (x.request.method == http::Method::head) x.response.fields.add("x-head", "1");
  if (x.request.method == http::Method::connect) return x.respond_text(501, "text/plain", "no");
  if (how % 3 == 0) return x.respond_text(200, "text/plain", "ok");
  echo(x);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 3) return 0;
  http::HttpLimits limits;
  limits.request_line_bytes = 256;
  limits.header_bytes = 512;
  limits.header_count = 8;
  limits.chunk_line_bytes = 16;
  limits.trailer_bytes = 64;
  limits.unread_body_bytes = 32;
  limits.body_bytes = bytes[0] & 0x10 ? 64 : 0;
  const unsigned how = bytes[0] & 0x0f;
  http1::TestConnection c([&](http::Exchange& x) { answer(x, how); }, limits, 32);
  c.room_each = bytes[1] == 0 ? SIZE_MAX : bytes[1];
  c.feed(as_text(Bytes(reinterpret_cast<const std::byte*>(bytes) + 3, size - 3)), std::size_t{bytes[2]} + 1);
  must(!c.overrun);
  if (bytes[0] & 0x20) c.codec().end_of_input();
  if (bytes[0] & 0x40) c.codec().drain();
  c.turn();
  if (bytes[0] & 0x80)
    c.codec().fail_with(Error(http1::kBodyCutShort, {}, {}, std::source_location::current()));
  c.error.clear();
  c.turn();
  if ((bytes[0] & 0x80) && c.error.empty()) must(c.codec().finished());
  for (const auto& f : c.log) must(f.status >= 200 && f.status < 600);
  check_answers(c.out);
  c.end();
  must(c.pool().open() == 0);
  return 0;
}
