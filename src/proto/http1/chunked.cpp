#include "proto/http1/chunked.h"

#include <algorithm>

#include "base/ascii.h"
#include "http/octets.h"
#include "proto/http1/head_parser.h"

namespace sally::http1 {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_token(char c) { return http::is_octet(c, http::octets::kToken); }
constexpr unsigned hex_value(char c) {
  return static_cast<unsigned>(is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}
constexpr std::size_t kLinesOfExtensions = 16;

}  // namespace

Result<ChunkedDecoder::Piece> ChunkedDecoder::decode(Bytes in, std::size_t most, std::uint64_t offset) {
  std::size_t at = 0;
  while (at < in.size()) {
    if (state_ == State::content) {
      const std::size_t n = std::min({in.size() - at, most, static_cast<std::size_t>(left_)});
      left_ -= n;
      if (left_ == 0) state_ = State::content_cr;
      return Piece{at + n, in.subspan(at, n)};
    }
    const char c = static_cast<char>(in[at]);
    const ErrorKind* const fault = state_ <= State::size_lf      ? line_octet(c)
                                   : state_ <= State::content_lf ? end_octet(c)
                                                                 : trailer_octet(c);
    if (fault) return fail(*fault, WirePos{offset + at, -1, "chunked-body"});
    ++at;
    if (state_ == State::whole) return Piece{at, {}, true};
  }
  return Piece{at, {}};
}

const ErrorKind* ChunkedDecoder::line_octet(char c) {
  if (++line_bytes_ > limits_.chunk_line_bytes) return &kChunkLineTooLong;
  if (state_ == State::size) return size_octet(c);
  if (state_ != State::size_lf) {
    // A body of small chunks with long extensions makes work out of all proportion to its content.
    if (++extension_bytes_ > limits_.chunk_line_bytes * kLinesOfExtensions) return &kChunkLineTooLong;
    return extension_octet(c);
  }
  if (c != '\n') return &kBareCr;
  state_ = left_ == 0 ? State::trailers_start : State::content;
  digits_ = 0;
  line_bytes_ = 0;
  return nullptr;
}

const ErrorKind* ChunkedDecoder::size_octet(char c) {
  if (is_hex(c)) {
    if (++digits_ > 16) return &kBadChunkSize;
    left_ = left_ << 4 | hex_value(c);
    return nullptr;
  }
  if (digits_ == 0) return &kBadChunkSize;
  switch (c) {
    case '\r':
      state_ = State::size_lf;
      return nullptr;
    case ';':
      state_ = State::name_start;
      return nullptr;
    case ' ':
    case '\t':
      state_ = State::before_semicolon;
      return nullptr;
    case '\n':
      return &kBareLf;
    default:
      return &kBadChunkSize;
  }
}

/// RFC 9112 7.1.1: *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
const ErrorKind* ChunkedDecoder::extension_octet(char c) {
  if (c == '\n') return &kBareLf;
  const auto go = [this](State next) {
    state_ = next;
    return nullptr;
  };
  switch (state_) {
    case State::before_semicolon:
    case State::after_value:
      if (is_blank(c)) return nullptr;
      if (c == ';') return go(State::name_start);
      break;
    case State::name_start:
      if (is_blank(c)) return nullptr;
      if (is_token(c)) return go(State::name);
      break;
    case State::name:
      if (is_token(c)) return nullptr;
      if (c == '\r') return go(State::size_lf);
      [[fallthrough]];
    case State::after_name:
      if (is_blank(c)) return go(State::after_name);
      if (c == '=') return go(State::value_start);
      if (c == ';') return go(State::name_start);
      break;
    case State::value_start:
      if (is_blank(c)) return nullptr;
      if (c == '"') return go(State::quoted);
      if (is_token(c)) return go(State::value);
      break;
    case State::value:
      if (is_token(c)) return nullptr;
      if (c == '\r') return go(State::size_lf);
      if (is_blank(c)) return go(State::after_value);
      if (c == ';') return go(State::name_start);
      break;
    case State::quoted:
      if (c == '\\') return go(State::quoted_pair);
      if (c == '"') return go(State::quoted_end);
      if (http::is_octet(c, http::octets::kQuoted)) return nullptr;
      break;
    case State::quoted_pair:
      if (http::is_octet(c, http::octets::kQuoted) || c == '"' || c == '\\') return go(State::quoted);
      break;
    case State::quoted_end:
      if (c == '\r') return go(State::size_lf);
      if (is_blank(c)) return go(State::after_value);
      if (c == ';') return go(State::name_start);
      break;
    default:
      break;
  }
  return &kBadChunkExtension;
}

const ErrorKind* ChunkedDecoder::end_octet(char c) {
  if (state_ == State::content_cr) {
    if (c != '\r') return c == '\n' ? &kBareLf : &kBadChunkEnd;
    state_ = State::content_lf;
    return nullptr;
  }
  if (c != '\n') return &kBareCr;
  state_ = State::size;
  return nullptr;
}

const ErrorKind* ChunkedDecoder::trailer_octet(char c) {
  if (state_ == State::trailers_start && c == '\r') {
    state_ = State::no_trailers_lf;
    return nullptr;
  }
  if (state_ == State::no_trailers_lf) {
    if (c != '\n') return &kBareCr;
    state_ = State::whole;
    return nullptr;
  }
  if (state_ == State::trailers_start && c == '\n') return &kBareLf;
  state_ = State::trailers;
  if (trailers_.size() == limits_.trailer_bytes) return &kTrailersTooLarge;
  trailers_ += c;
  // An empty line without CR ends them too: parse_fields() then refuses it.
  if (c == '\n' && (trailers_.ends_with("\n\n") || trailers_.ends_with("\n\r\n"))) state_ = State::whole;
  return nullptr;
}

}  // namespace sally::http1
