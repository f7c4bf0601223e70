#include "http/body_pipe.h"

#include <utility>

namespace sally::http {

Result<> BodyPipe::push(Bytes bytes) {
  received_ += bytes.size();
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
  resume_reader();
}

Result<Bytes> BodyPipe::More::await_resume() {
  if (!pipe.bytes_.empty() || !pipe.broken_) return pipe.bytes_.readable();
  return std::unexpected(*std::move(pipe.broken_));
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
  received_ = 0;
  writer_ = nullptr;
  broken_.reset();
  reader_ = {};
  finished_ = discarding_ = false;
}

void BodyPipe::resume_reader() {
  if (reader_) std::exchange(reader_, {}).resume();
}

}  // namespace sally::http
