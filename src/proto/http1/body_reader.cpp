#include "proto/http1/body_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "proto/http1/head_parser.h"

namespace sally::http1 {
namespace {

/// RFC 9110 6.5.1: trailers that would change framing or routing. They are refused, not dropped: no honest
/// client sends them.
constexpr std::array<std::string_view, 9> kRefused = {
    "content-length", "transfer-encoding", "host", "connection", "trailer", "te", "upgrade",
    "expect",         "keep-alive"};
/// The same section: trailers that would change how the request is understood or who is asking.
constexpr std::array<std::string_view, 10> kDropped = {
    "authorization", "proxy-authorization", "cookie", "content-type", "content-encoding",
    "content-range", "cache-control",       "range",  "max-forwards", "if-match"};

}  // namespace

void BodyReader::begin(std::optional<std::uint64_t> length) {
  left_ = length.value_or(0);
  if (!length) chunked_.emplace(limits_);
}

Result<ChunkedDecoder::Piece> BodyReader::read(Bytes in, std::size_t most, std::uint64_t offset) {
  if (chunked_) return chunked_->decode(in, most, offset);
  const std::size_t n = std::min<std::uint64_t>(std::min(in.size(), most), left_);
  left_ -= n;
  return ChunkedDecoder::Piece{n, in.first(n), left_ == 0};
}

Result<> BodyReader::read_trailers(Arena& memory, std::uint64_t offset, http::Fields& out) {
  if (!chunked_ || chunked_->trailer_text().empty()) return {};
  const std::string& text = chunked_->trailer_text();
  auto* const copy = reinterpret_cast<char*>(memory.take(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  const WirePos at{offset - text.size(), -1, "trailer-section"};
  http::Fields all;
  TRY_VOID(parse_fields({copy, text.size()}, at.offset, limits_.trailer_count, all));
  for (const http::Field& f : all) {
    if (std::ranges::find(kRefused, f.name) != kRefused.end()) return fail(kForbiddenTrailer, at);
    if (std::ranges::find(kDropped, f.name) == kDropped.end()) out.add(f.name, f.value);
  }
  return {};
}

void BodyReader::end() {
  chunked_.reset();
  left_ = 0;
}

}  // namespace sally::http1
