// handler/file_body.h - sends a part of a file that is too large for memory, with no memory of its own while
// it waits.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "handler/chunk_pool.h"
#include "handler/pool_job.h"
#include "handler/representation.h"
#include "http/body.h"

namespace sally::handler {

/// Octets [offset, offset + length) of `form.file`. What the page cache has is read into a chunk that is
/// borrowed for the turn; what it has not is read by the offload pool into a buffer that is kept until it is
/// sent or, if the client does not take it in that turn, dropped, because the page cache has it then.
///
/// errors of view()  files.shrank, os.call_failed: the answer is cut, never a short success
/// memory            none while it waits for the client; kReadBytes while it waits for the disk
class FileBody final : public http::BodySource, private ChunkPool::Borrower {
 public:
  static constexpr std::size_t kReadBytes = 128 * 1024;

  FileBody(Loop& loop, ChunkPool& chunks, std::shared_ptr<const Representation> form, std::uint64_t offset,
           std::uint64_t length);
  ~FileBody();

  Result<http::BodyView> view(std::size_t want) override;
  void consume(std::size_t n) override;
  void wake_with(http::Waker& waker) override { waker_ = &waker; }

 private:
  using Block = Result<std::vector<std::byte>>;

  void chunk_taken_back() override;
  Result<bool> read_now(std::size_t want);
  void read_later();
  void take(Block block);
  http::BodyView show(std::size_t want) const;
  void drop_buffer();

  Loop& loop_;
  ChunkPool& chunks_;
  std::shared_ptr<const Representation> form_;
  std::uint64_t offset_, left_;
  std::byte* chunk_ = nullptr;       ///< borrowed, or
  std::vector<std::byte> own_;       ///< read by the pool
  std::size_t begin_ = 0, end_ = 0;  ///< what of either is there and not consumed
  std::optional<Error> failed_;
  http::Waker* waker_ = nullptr;
  PoolJob<Block> job_;
};

}  // namespace sally::handler
