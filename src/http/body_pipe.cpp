#include "http/body_pipe.h"

#include <utility>

namespace sally::http {

Result<> BodyPipe::push(Bytes bytes) {
  received_ += bytes.size();
  if (total_limit_ != 0 && received_ > total_limit_ && !broken_)
    break_with(Error(kBodyTooLarge, {}, "limit is " + std::to_string(total_limit_) + " bytes",
                     std::source_location::current()));
  if (discarding_) {
    if (writer_) writer_->taken(*this, bytes.size());
    return {};
  }
  TRY_VOID(bytes_.append(bytes));
  resume_reader();
  return {};
}

void BodyPipe::finish() {
  finished_ = true;
  resume_reader();
}

void BodyPipe::break_with(Error error) {
  if (finished_ || broken_) return;
  broken_.emplace(std::move(error));
  discarding_ = true;
  resume_reader();
}

Result<Bytes> BodyPipe::More::await_resume() {
  if (!pipe.bytes_.empty() || !pipe.broken_) return pipe.bytes_.readable();
  // A reader that asks again gets the same answer.
  const Error& e = *pipe.broken_;
  return std::unexpected(Error(e.kind(), e.pos(), std::string(e.detail()), e.raised()));
}

void BodyPipe::consume(std::size_t n) {
  bytes_.consume(n);
  bytes_.release_if_empty();
  if (writer_) writer_->taken(*this, n);
}

void BodyPipe::discard() {
  discarding_ = true;
  if (!bytes_.empty()) consume(bytes_.size());
}

void BodyPipe::recycle() {
  bytes_ = Buffer(limit_);
  trailers.clear();
  received_ = total_limit_ = 0;
  writer_ = nullptr;
  broken_.reset();
  reader_ = {};
  finished_ = discarding_ = false;
}

void BodyPipe::resume_reader() {
  if (reader_) std::exchange(reader_, {}).resume();
}

}  // namespace sally::http
