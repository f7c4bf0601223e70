// bench/answer.h - reads one HTTP answer, just enough to know that it is whole and of the right size.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sally::bench {

/// The bytes of one GET over HTTP/1.1 (RFC 9112 3) for `path` at `host`.
std::string http1_request(std::string_view host, std::string_view path);

/// The client's preface, empty SETTINGS and one GET on stream 1 (RFC 9113 3.4, 8.3.1); the four fields are
/// literals or entries of the static table, so that no HPACK state is needed (RFC 7541 6). Host and path: at
/// most 126 bytes each.
std::string http2_request(std::string_view host, std::string_view path);

/// Takes the answer's bytes as they come. Only for the servers that are measured here: status 200, a
/// Content-Length over HTTP/1.1, any field block over HTTP/2.
class Answer {
 public:
  enum class State : std::uint8_t { incomplete, complete, wrong };

  explicit Answer(bool http2) : http2_(http2) {}

  /// Adds what was read. After `wrong`, reason() says what was not understood.
  State feed(std::string_view bytes);

  std::string_view reason() const { return reason_; }
  std::size_t body_bytes() const { return body_bytes_; }

  /// What must be sent back (HTTP/2: the acknowledgement of SETTINGS); empty after the call.
  std::string take_reply();

 private:
  State feed_http1();
  State feed_http2();
  State frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
  State wrong(std::string_view why);

  bool http2_;
  bool head_done_ = false;
  std::size_t expected_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  std::string unread_;
  std::string reply_;
  std::string reason_;
};

}  // namespace sally::bench
