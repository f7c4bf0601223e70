// proto/http1/chunked.h - takes the chunked coding off a body that comes in any pieces (RFC 9112 7.1).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "http/http_limits.h"

namespace sally::http1 {

// clang-format off
inline constexpr ErrorKind kBadChunkSize{"http1.bad_chunk_size", Blame::peer, Retry::never,
    "a chunk does not begin with 1 to 16 hexadecimal digits", "send a plain hexadecimal size", "RFC 9112 7.1",
    -1, 400};
inline constexpr ErrorKind kBadChunkExtension{"http1.bad_chunk_extension", Blame::peer, Retry::never,
    "what follows a chunk's size breaks the grammar", "send no chunk extensions", "RFC 9112 7.1.1", -1, 400};
inline constexpr ErrorKind kChunkLineTooLong{"http1.chunk_line_too_long", Blame::peer, Retry::never,
    "chunk extensions are longer than this server takes",
    "send no chunk extensions, or raise limits.chunk_line_bytes", "RFC 9112 7.1.1", -1, 400};
inline constexpr ErrorKind kBadChunkEnd{"http1.bad_chunk_end", Blame::peer, Retry::never,
    "no CR LF follows a chunk of the size that was told", "send what the chunk's size says", "RFC 9112 7.1",
    -1, 400};
inline constexpr ErrorKind kTrailersTooLarge{"http1.trailers_too_large", Blame::peer, Retry::never,
    "the trailers are larger than this server takes", "send less, or raise limits.trailer_bytes",
    "RFC 9112 7.1.2", -1, 431};
// clang-format on

/// One for each chunked body. Content is passed through, never copied; trailers are collected.
class ChunkedDecoder {
 public:
  /// `limits` must outlive the decoder. Used: chunk_line_bytes, for each line and, sixteenfold, for all
  /// extensions of a body together; trailer_bytes.
  explicit ChunkedDecoder(const http::HttpLimits& limits) : limits_(limits) {}

  struct Piece {
    std::size_t used;    ///< octets of `in` that are done with, content included
    Bytes content;       ///< the last of the used octets; may be empty
    bool whole = false;  ///< the body is over; what follows in `in` belongs to the next request
  };
  /// Takes framing and then at most `most` (> 0) octets of one chunk's content from the front of `in`. Not to
  /// be called after `whole` or an error. Uses at least one octet of an `in` that has any.
  ///
  /// offset  of in.front() in the peer's stream, for the errors
  ///
  /// errors  every row of this header; http1.bare_lf
  Result<Piece> decode(Bytes in, std::size_t most, std::uint64_t offset);

  /// When whole: the trailers' lines with the empty line after them; empty if there were none.
  std::string& trailer_text() { return trailers_; }

 private:
  enum class State : std::uint8_t {
    size,
    before_semicolon,
    name_start,
    name,
    after_name,
    value_start,
    value,
    quoted,
    quoted_pair,
    quoted_end,
    after_value,
    size_lf,
    content,
    content_cr,
    content_lf,
    trailers_start,
    no_trailers_lf,
    trailers,
    whole
  };
  const ErrorKind* line_octet(char c);
  const ErrorKind* extension_octet(char c);
  const ErrorKind* size_octet(char c);
  const ErrorKind* end_octet(char c);
  const ErrorKind* trailer_octet(char c);

  const http::HttpLimits& limits_;
  State state_ = State::size;
  std::uint8_t digits_ = 0;
  std::uint64_t left_ = 0;  ///< of the chunk's content; its size while that is read
  std::size_t line_bytes_ = 0, extension_bytes_ = 0;
  std::string trailers_;
};

}  // namespace sally::http1
