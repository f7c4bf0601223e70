#include "proto/http1/request_writer.h"

#include <charconv>

namespace sally::http1 {

void RequestWriter::start(const RequestHead& head) {
  head_ = head;
  to_.append(head.method_text).append(" ").append(head.path);
  if (head.has_query) to_.append("?").append(head.query);
  to_.append(" HTTP/1.1\r\n");
  field("host", head.host);
}

void RequestWriter::field(std::string_view name, std::string_view value) {
  to_.append(name).append(": ").append(value).append("\r\n");
}

void RequestWriter::end() {
  using http::Method;
  // RFC 9110 8.6: a method that means something by its content says so even if there is none.
  const bool expected =
      head_.method == Method::post || head_.method == Method::put || head_.method == Method::patch;
  if (head_.has_body && !head_.content_length) {
    to_.append("transfer-encoding: chunked\r\n");
  } else if (head_.content_length || expected) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, head_.content_length.value_or(0)).ptr;
    field("content-length", {digits, static_cast<std::size_t>(end - digits)});
  }
  if (head_.expects_continue) to_.append("expect: 100-continue\r\n");
  // TE is of one connection, so Connection names it.
  if (head_.takes_trailers) to_.append("te: trailers\r\nconnection: te\r\n");
  if (!head_.upgrade.empty()) {
    field("upgrade", head_.upgrade);
    to_.append("connection: upgrade\r\n");
  }
  to_.append("\r\n");
}

std::size_t write_chunk_line(std::size_t size, char (&to)[kChunkLine]) {
  char* end = std::to_chars(to, to + kChunkLine - 2, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return static_cast<std::size_t>(end - to);
}

void write_last_chunk(const http::Fields& trailers, std::string& to) {
  to += "0\r\n";
  for (const http::Field& f : trailers) to.append(f.name).append(": ").append(f.value).append("\r\n");
  to += "\r\n";
}

}  // namespace sally::http1
