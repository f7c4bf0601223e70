#include "handler/multipart_body.h"

#include <algorithm>
#include <array>

#include "crypto/digest.h"
#include "crypto/entropy.h"

namespace sally::handler {
namespace {

std::string random_boundary() {
  std::array<std::byte, 16> octets;
  crypto::fill_random(octets);
  return crypto::hex(octets);
}

}  // namespace

MultipartBody::MultipartBody(Loop& loop, ChunkPool& chunks, std::shared_ptr<const Representation> form,
                             const std::vector<ByteRange>& parts)
    : loop_(loop), chunks_(chunks), form_(std::move(form)), boundary_(random_boundary()) {
  for (const ByteRange& range : parts) {
    std::string head = parts_.empty() ? "--" : "\r\n--";
    head += boundary_ + "\r\ncontent-type: " + form_->described.type +
            "\r\ncontent-range: " + content_range(range, form_->size) + "\r\n\r\n";
    parts_.push_back({std::move(head), range});
  }
  end_ = "\r\n--" + boundary_ + "--\r\n";
  left_ = parts_.front().range.length();
}

std::string MultipartBody::content_type() const { return "multipart/byteranges; boundary=" + boundary_; }

std::uint64_t MultipartBody::length() const {
  std::uint64_t sum = end_.size();
  for (const Part& part : parts_) sum += part.head.size() + part.range.length();
  return sum;
}

std::string_view MultipartBody::text() const {
  const std::string& whole = at_ < parts_.size() ? parts_[at_].head : end_;
  return std::string_view(whole).substr(text_done_);
}

void MultipartBody::open_part() {
  const ByteRange& range = parts_[at_].range;
  file_ = std::make_unique<FileBody>(loop_, chunks_, form_, range.first, range.length());
  if (waker_) file_->wake_with(*waker_);
}

Result<http::BodyView> MultipartBody::view(std::size_t want) {
  if (const std::string_view left = text(); !left.empty() || at_ == parts_.size())
    return http::BodyView{as_bytes(left.substr(0, want)), at_ == parts_.size() && left.size() <= want};
  if (form_->in_memory()) {
    const std::uint64_t from = parts_[at_].range.last + 1 - left_;
    const std::size_t n = std::min<std::uint64_t>(want, left_);
    return http::BodyView{as_bytes(std::string_view(form_->bytes).substr(from, n)), false};
  }
  if (!file_) open_part();
  TRY(http::BodyView view, file_->view(want));
  view.end = false;
  return view;
}

void MultipartBody::consume(std::size_t n) {
  if (!text().empty()) {
    text_done_ += n;
    return;
  }
  if (file_) file_->consume(n);
  left_ -= n;
  if (left_ != 0) return;
  file_.reset();
  text_done_ = 0;
  if (++at_ < parts_.size()) left_ = parts_[at_].range.length();
}

}  // namespace sally::handler
