// proto/http1/request_writer.h - the head of a request and the frame of its body, as a server gets them.
#pragma once
#include <cstddef>
#include <string>

#include "http/fields.h"
#include "proto/request_head.h"

namespace sally::http1 {

/// Appends to one text. A body without a known length is chunked (RFC 9112 6, 7.1).
class RequestWriter final : public HeadSink {
 public:
  explicit RequestWriter(std::string& to) : to_(to) {}

  void start(const RequestHead& head) override;
  void field(std::string_view name, std::string_view value) override;
  /// What frames the body, and the empty line.
  void end();

 private:
  std::string& to_;
  RequestHead head_;
};

/// "1a\r\n": the line before `size` octets of a chunk (> 0), written to `to`. Returns how much of it was
/// used.
inline constexpr std::size_t kChunkLine = 18;
std::size_t write_chunk_line(std::size_t size, char (&to)[kChunkLine]);
/// The last chunk and the trailers, each a field that chunked may carry.
void write_last_chunk(const http::Fields& trailers, std::string& to);

}  // namespace sally::http1
