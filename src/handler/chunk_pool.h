// handler/chunk_pool.h - buffers for one turn of the loop, so that a file on its way to a slow client owns
// none.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "loop/loop.h"

namespace sally::handler {

/// One for each core. What is lent comes back at the end of the turn, whether it was used up or not: what a
/// body shows is good until then (http/body.h), and the kernel's page cache still has it.
class ChunkPool final : private Deferred {
 public:
  static constexpr std::size_t kChunkBytes = 64 * 1024;

  /// Who has a chunk. Gives it back before it is destroyed.
  struct Borrower {
    Borrower() = default;
    Borrower(const Borrower&) = delete;
    Borrower& operator=(const Borrower&) = delete;
    /// The turn is over and the chunk is gone.
    virtual void chunk_taken_back() = 0;
    std::size_t chunk_place = 0;  ///< the pool's

   protected:
    ~Borrower() = default;
  };

  explicit ChunkPool(Loop& loop) : loop_(loop) {}

  /// kChunkBytes until give_back() or chunk_taken_back().
  std::byte* lend(Borrower& to);
  void give_back(Borrower& from);

  std::size_t lent() const { return lent_.size(); }

 private:
  using Chunk = std::unique_ptr<std::byte[]>;
  static constexpr std::size_t kMostSpare = 32;
  void on_turn_end() override;
  void keep(Chunk chunk);

  Loop& loop_;
  std::vector<std::pair<Borrower*, Chunk>> lent_;
  std::vector<Chunk> spare_;
};

}  // namespace sally::handler
