#include "handler/file_body.h"

#include <algorithm>

#include "handler/root_folder.h"

namespace sally::handler {

FileBody::FileBody(Loop& loop, ChunkPool& chunks, std::shared_ptr<const Representation> form,
                   std::uint64_t offset, std::uint64_t length)
    : loop_(loop), chunks_(chunks), form_(std::move(form)), offset_(offset), left_(length) {}

FileBody::~FileBody() {
  if (chunk_) chunks_.give_back(*this);
}

http::BodyView FileBody::show(std::size_t want) const {
  const std::byte* const from = chunk_ ? chunk_ : own_.data();
  const std::size_t n = std::min(want, end_ - begin_);
  return {{from + begin_, n}, n == left_};
}

Result<http::BodyView> FileBody::view(std::size_t want) {
  if (left_ == 0) return http::BodyView{{}, true};
  if (begin_ == end_ && !failed_ && !job_.running()) {
    TRY(const bool there, read_now(want));
    if (!there) read_later();
  }
  if (failed_) return fail(failed_->kind(), std::string(failed_->detail()));
  return show(want);
}

void FileBody::consume(std::size_t n) {
  begin_ += n;
  offset_ += n;
  left_ -= n;
  if (begin_ == end_) drop_buffer();
}

void FileBody::drop_buffer() {
  if (chunk_) chunks_.give_back(*this);
  chunk_ = nullptr;
  std::vector<std::byte>().swap(own_);
  begin_ = end_ = 0;
}

void FileBody::chunk_taken_back() {
  chunk_ = nullptr;
  begin_ = end_ = 0;
}

Result<bool> FileBody::read_now(std::size_t want) {
  const std::size_t n =
      static_cast<std::size_t>(std::min<std::uint64_t>({want, ChunkPool::kChunkBytes, left_}));
  std::byte* const to = chunks_.lend(*this);
  const auto got = read_some(form_->file->get(), offset_, {to, n}, Patience::none);
  if (got && *got && **got > 0) {
    chunk_ = to;
    end_ = **got;
    return true;
  }
  chunks_.give_back(*this);
  if (!got) return fail(got.error().kind(), std::string(got.error().detail()));
  if (*got) return fail(kFileShrank, std::to_string(left_) + " bytes are missing");
  return false;
}

void FileBody::read_later() {
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(kReadBytes, left_));
  auto job = [form = form_, offset = offset_, n]() -> Block {
    std::vector<std::byte> block(n);
    TRY(const auto got, read_some(form->file->get(), offset, block, Patience::some));
    if (*got == 0) return fail(kFileShrank);
    block.resize(*got);
    return block;
  };
  job_.start(loop_, std::move(job), [this](Block block) { take(std::move(block)); });
}

void FileBody::take(Block block) {
  if (block) {
    own_ = std::move(*block);
    begin_ = 0;
    end_ = own_.size();
  } else {
    failed_ = std::move(block).error();
  }
  if (waker_) waker_->wake();
}

}  // namespace sally::handler
