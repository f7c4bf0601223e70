// proto/http1/client_codec.h - the client's half of HTTP/1.1: an answer out of the bytes that a server sends.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "http/fields.h"
#include "http/http_limits.h"
#include "http/method.h"
#include "proto/http1/body_reader.h"
#include "proto/http1/head_parser.h"

namespace sally::http1 {

// clang-format off
inline constexpr ErrorKind kBadStatusLine{"http1.bad_status_line", Blame::upstream, Retry::other_upstream,
    "the server's first line is not \"HTTP/1.1 SP status\"", "speak HTTP/1.1 there, or correct the port",
    "RFC 9112 4", -1, 502};
inline constexpr ErrorKind kBadServerHead{"http1.bad_server_head", Blame::upstream, Retry::never,
    "the fields of the server's answer break HTTP/1.1", "correct the server's software", "RFC 9112 5", -1, 502};
inline constexpr ErrorKind kServerHeadTooLarge{"http1.server_head_too_large", Blame::upstream, Retry::never,
    "the head of the server's answer is larger than is taken",
    "send fewer or smaller fields, or raise header_bytes or header_count of the proxy", "RFC 9110 5.4", -1, 502};
inline constexpr ErrorKind kServerFraming{"http1.server_framing", Blame::upstream, Retry::never,
    "the server's answer says in two ways where it ends, or in none that is known",
    "send one Content-Length, or chunked alone", "RFC 9112 6.3", -1, 502};
inline constexpr ErrorKind kServerContent{"http1.bad_server_content", Blame::upstream, Retry::never,
    "the content of the server's answer breaks the chunked coding", "correct the server's software",
    "RFC 9112 7.1", -1, 502};
inline constexpr ErrorKind kServerCutShort{"http1.server_cut_short", Blame::upstream, Retry::never,
    "the server ended its answer before it was whole", "look into the server's log for a crash or a limit",
    "RFC 9112 8", -1, 502};
inline constexpr ErrorKind kTooManyInterims{"http1.too_many_interim_answers", Blame::upstream, Retry::never,
    "the server sends one 1xx after the other and no answer", "correct the server's software", "RFC 9110 15.2",
    -1, 502};
inline constexpr ErrorKind kUnaskedSwitch{"http1.unasked_switch", Blame::upstream, Retry::never,
    "the server changes to a protocol that nobody asked for", "correct the server's software",
    "RFC 9110 15.2.2", -1, 502};
// clang-format on

/// How the end of an answer is known (RFC 9112 6.3).
enum class AnswerEnd : std::uint8_t {
  at_once,   ///< no content: HEAD, 1xx, 204, 304, a length of 0
  length,    ///< after content_length octets
  chunked,   ///< after the last chunk
  at_close,  ///< when the server closes
  tunnel,    ///< 101: what follows is another protocol's
};

struct AnswerHead {
  std::size_t size = 0;  ///< octets of the text
  int status = 0;        ///< 100..599
  AnswerEnd end = AnswerEnd::at_once;
  std::optional<std::uint64_t> content_length;  ///< of HEAD and 304 too
  bool keeps = false;                           ///< the connection may be used again after this answer
  std::chrono::seconds keep_for{0};             ///< what Keep-Alive promises; 0: nothing said
};

/// One for each connection, used for one answer after the other. Does no I/O and holds no input.
class ClientCodec {
 public:
  static constexpr unsigned kInterims = 32;  ///< 1xx before an answer

  /// `limits` must outlive the codec. Used: header_bytes, header_count, chunk_line_bytes, trailer_bytes,
  /// trailer_count.
  explicit ClientCodec(const http::HttpLimits& limits) : limits_(limits), body_(limits) {}

  /// The next answer is to such a request.
  /// upgrade  the request asked for another protocol, so 101 may come
  void expect(http::Method method, bool upgrade = false);

  /// Reads a head, 1xx or final, at the front of `text`, which only grows from call to call until it is used.
  ///
  /// memory, fields  get the fields: names in lower case, views into `memory`
  ///
  /// returns nullopt when more is needed
  /// errors  http1.bad_status_line, bad_server_head, server_head_too_large, server_framing,
  ///         too_many_interim_answers, unasked_switch
  ///
  /// source  RFC 9112 4, 5, 6.3, 9.3; RFC 9110 15.2
  /// cost    one pass and one copy of the head
  Result<std::optional<AnswerHead>> read_head(std::string_view text, Arena& memory, http::Fields& fields);

  /// Content of a final answer whose end is not at_once: framing and then at most one piece of content from
  /// the front of `in` (not empty); see ChunkedDecoder::Piece. Errors: http1.bad_server_content.
  Result<ChunkedDecoder::Piece> read_content(Bytes in);
  /// Looks ahead: the whole content, if it ends exactly at the end of `in`; copies of chunks in `memory`.
  /// nullopt: not so, and nothing has changed.
  std::optional<Bytes> whole_content(Bytes in, Arena& memory);
  /// The trailers of content that is whole, as copies in `memory`. Errors: http1.bad_server_content.
  Result<> read_trailers(Arena& memory, http::Fields& out);

  /// The server closed. Nothing: that was the end of the content, or of a tunnel. Errors:
  /// http1.server_cut_short.
  Result<> end_of_input() const;

 private:
  Result<AnswerHead> parse(std::string_view text, Arena& memory, http::Fields& fields);
  Result<> settle_end(const http::Fields& fields, bool old_version, AnswerHead& head) const;

  const http::HttpLimits& limits_;
  HeadScan scan_;
  BodyReader body_;
  http::Method method_ = http::Method::get;
  AnswerEnd end_ = AnswerEnd::at_once;
  unsigned interims_ = 0;
  std::uint64_t offset_ = 0;  ///< in the present answer
  bool upgrade_ = false;
};

}  // namespace sally::http1
