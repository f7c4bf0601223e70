// check/answer_reader.h - takes an HTTP/1 answer with its content from bytes that come in any pieces.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "check/http_answer.h"
#include "proto/http1/chunked.h"

namespace sally::check {

class AnswerReader {
 public:
  /// At most `limit` bytes of content are kept, as they come over the wire; more are not asked for. 0: the
  /// head is enough.
  explicit AnswerReader(std::size_t limit) : limit_(limit) {}
  AnswerReader(const AnswerReader&) = delete;

  /// True: nothing more is needed. Errors: check.not_http, check.http_head_too_long, http1.*.
  Result<bool> feed(Bytes in);
  /// The connection was closed. Errors: check.not_http when the head was not complete.
  Result<Unit> end();

  bool has_answer() const { return answer_.has_value(); }
  /// Only with has_answer().
  HttpAnswer& answer() { return *answer_; }
  const std::string& content() const { return content_; }
  /// All of the content came, by what the answer says of its length.
  bool whole() const { return whole_; }

 private:
  Result<bool> take_content(Bytes in);
  bool keep(Bytes in);

  std::size_t limit_;
  std::string head_;
  std::optional<HttpAnswer> answer_;
  std::unique_ptr<http1::ChunkedDecoder> chunked_;  ///< null: not in chunks
  std::optional<std::uint64_t> left_;               ///< by Content-Length
  std::string content_;
  bool whole_ = false;
};

}  // namespace sally::check
