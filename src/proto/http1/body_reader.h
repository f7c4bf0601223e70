// proto/http1/body_reader.h - takes a request's content off the wire, by length or chunked (RFC 9112 6).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/arena.h"
#include "http/fields.h"
#include "proto/http1/chunked.h"

namespace sally::http1 {

// clang-format off
inline constexpr ErrorKind kForbiddenTrailer{"http1.forbidden_trailer", Blame::peer, Retry::never,
    "a trailer tries to say what only the head may say", "send framing and routing fields in the head",
    "RFC 9110 6.5.1", -1, 400};
// clang-format on

/// Holds nothing between bodies. One for each connection.
class BodyReader {
 public:
  /// `limits` must outlive the reader.
  explicit BodyReader(const http::HttpLimits& limits) : limits_(limits) {}

  /// Content of `length` octets (> 0) is due; nullopt: it is chunked.
  void begin(std::optional<std::uint64_t> length);
  /// Octets of content that are still due, as far as that is known: 0 if it is chunked.
  std::uint64_t left() const { return left_; }
  bool chunked() const { return chunked_.has_value(); }

  /// Takes from the front of `in`, and at most `most` (> 0) octets of content; see ChunkedDecoder::decode().
  Result<ChunkedDecoder::Piece> read(Bytes in, std::size_t most, std::uint64_t offset);

  /// The trailers of a body that is whole: what may stand there goes to `out`, as copies in `memory`. Fields
  /// that could change how the request is understood are left out.
  ///
  /// errors  http1.forbidden_trailer and those of parse_fields()
  Result<> read_trailers(Arena& memory, std::uint64_t offset, http::Fields& out);
  void end();

 private:
  const http::HttpLimits& limits_;
  std::optional<ChunkedDecoder> chunked_;
  std::uint64_t left_ = 0;
};

}  // namespace sally::http1
