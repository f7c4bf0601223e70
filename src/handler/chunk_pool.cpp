#include "handler/chunk_pool.h"

#include <utility>

namespace sally::handler {

std::byte* ChunkPool::lend(Borrower& to) {
  Chunk chunk;
  if (spare_.empty()) {
    chunk = std::make_unique_for_overwrite<std::byte[]>(kChunkBytes);
  } else {
    chunk = std::move(spare_.back());
    spare_.pop_back();
  }
  std::byte* const bytes = chunk.get();
  if (lent_.empty()) loop_.defer(*this);
  to.chunk_place = lent_.size();
  lent_.emplace_back(&to, std::move(chunk));
  return bytes;
}

void ChunkPool::give_back(Borrower& from) {
  const std::size_t place = from.chunk_place;
  keep(std::move(lent_[place].second));
  if (place + 1 != lent_.size()) {
    lent_[place] = std::move(lent_.back());
    lent_[place].first->chunk_place = place;
  }
  lent_.pop_back();
}

void ChunkPool::keep(Chunk chunk) {
  if (spare_.size() < kMostSpare) spare_.push_back(std::move(chunk));
}

void ChunkPool::on_turn_end() {
  for (auto& [borrower, chunk] : std::exchange(lent_, {})) {
    borrower->chunk_taken_back();
    keep(std::move(chunk));
  }
}

}  // namespace sally::handler
