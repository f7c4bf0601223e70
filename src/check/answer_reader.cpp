#include "check/answer_reader.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"

namespace sally::check {
namespace {

const http::HttpLimits kChunkLimits;

bool has_no_content(unsigned status) { return status == 101 || status == 204 || status == 304; }

}  // namespace

Result<bool> AnswerReader::feed(Bytes in) {
  if (answer_) return take_content(in);
  head_ += as_text(in);
  std::size_t used = 0;
  TRY(answer_, read_http_head(head_, {}, &used));
  if (!answer_) return false;
  if (has_no_content(answer_->status)) return whole_ = true;
  if (limit_ == 0) return true;
  if (const std::string* const coding = answer_->field("transfer-encoding");
      coding && ascii_lower(*coding).ends_with("chunked"))
    chunked_ = std::make_unique<http1::ChunkedDecoder>(kChunkLimits);
  else if (const std::string* const length = answer_->field("content-length"))
    left_ = parse_number<std::uint64_t>(*length);
  const std::string rest = head_.substr(used);
  head_.clear();
  return take_content(as_bytes(std::string_view(rest)));
}

Result<bool> AnswerReader::take_content(Bytes in) {
  if (!chunked_) {
    if (left_) in = in.first(static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), *left_)));
    if (left_) *left_ -= in.size();
    if (!keep(in)) return true;
    whole_ = left_ && *left_ == 0;
    return whole_;
  }
  while (!in.empty()) {
    TRY(const auto piece, chunked_->decode(in, in.size(), 0));
    in = in.subspan(piece.used);
    if (!keep(piece.content)) return true;
    if (piece.whole) return whole_ = true;
  }
  return false;
}

/// False: the limit is reached.
bool AnswerReader::keep(Bytes in) {
  const std::size_t n = std::min(in.size(), limit_ - content_.size());
  content_ += as_text(in.first(n));
  return n == in.size();
}

Result<Unit> AnswerReader::end() {
  if (!answer_) return fail(kNotHttp, "the server closed the connection before it answered");
  // RFC 9112 6.3: without a length the end of the connection is the end of the content.
  if (!chunked_ && !left_) whole_ = true;
  return Unit{};
}

}  // namespace sally::check
