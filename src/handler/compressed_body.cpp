#include "handler/compressed_body.h"

#include <algorithm>
#include <vector>

#include "handler/encoder.h"
#include "handler/root_folder.h"

namespace sally::handler {

struct CompressedBody::Work {
  std::shared_ptr<const Representation> form;
  std::unique_ptr<Encoder> encoder;
  std::uint64_t offset = 0;

  /// Goes on until something came out: an encoder may swallow several blocks first.
  Result<Block> run() {
    if (!encoder) {
      TRY(encoder, make_encoder(*form->described.coding, form->size));
    }
    Block out;
    std::vector<std::byte> in(std::min<std::uint64_t>(kBlockBytes, form->size));
    while (out.bytes.empty()) {
      const std::size_t n = std::min<std::uint64_t>(in.size(), form->size - offset);
      TRY_VOID(read_exactly(form->file->get(), offset, std::span(in).first(n), Patience::some));
      offset += n;
      out.end = offset == form->size;
      TRY_VOID(encoder->write(Bytes(in).first(n), out.end, out.bytes));
      if (out.end) break;
    }
    return out;
  }
};

CompressedBody::CompressedBody(Loop& loop, std::shared_ptr<const Representation> form, std::size_t& running)
    : loop_(loop), running_(running), work_(std::make_shared<Work>()) {
  work_->form = std::move(form);
  ++running_;
}

CompressedBody::~CompressedBody() { --running_; }

Result<http::BodyView> CompressedBody::view(std::size_t want) {
  if (done_ == block_.bytes.size() && !block_.end && !failed_ && !job_.running()) step();
  if (failed_) return fail(failed_->kind(), std::string(failed_->detail()));
  const std::string_view left = std::string_view(block_.bytes).substr(done_);
  return http::BodyView{as_bytes(left.substr(0, want)), block_.end && left.size() <= want};
}

void CompressedBody::consume(std::size_t n) {
  done_ += n;
  if (done_ < block_.bytes.size()) return;
  std::string().swap(block_.bytes);
  done_ = 0;
}

void CompressedBody::step() {
  job_.start(
      loop_, [work = work_] { return work->run(); }, [this](Result<Block> block) { take(std::move(block)); });
}

void CompressedBody::take(Result<Block> block) {
  if (block) {
    block_ = std::move(*block);
    done_ = 0;
  } else {
    failed_ = std::move(block).error();
  }
  if (waker_) waker_->wake();
}

}  // namespace sally::handler
