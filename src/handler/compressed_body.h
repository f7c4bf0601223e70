// handler/compressed_body.h - compresses a large file while it is sent, on the offload pool.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "handler/pool_job.h"
#include "handler/representation.h"
#include "http/body.h"

namespace sally::handler {

/// `form.file` in `form.described.coding`. One step of work at a time: the client's pace is the encoder's.
///
/// memory            the encoder's, one block of input, one of output, whatever the file's size
/// errors of view()  files.shrank, files.encoder_failed, os.call_failed: the answer is cut
class CompressedBody final : public http::BodySource {
 public:
  static constexpr std::size_t kBlockBytes = 64 * 1024;

  /// `running` is counted up as long as this lives.
  CompressedBody(Loop& loop, std::shared_ptr<const Representation> form, std::size_t& running);
  ~CompressedBody() override;

  Result<http::BodyView> view(std::size_t want) override;
  void consume(std::size_t n) override;
  void wake_with(http::Waker& waker) override { waker_ = &waker; }

 private:
  struct Work;  ///< what a step on the pool owns
  struct Block {
    std::string bytes;
    bool end = false;
  };
  void step();
  void take(Result<Block> block);

  Loop& loop_;
  std::size_t& running_;
  std::shared_ptr<Work> work_;
  Block block_;
  std::size_t done_ = 0;  ///< consumed of block_
  std::optional<Error> failed_;
  http::Waker* waker_ = nullptr;
  PoolJob<Result<Block>> job_;
};

}  // namespace sally::handler
