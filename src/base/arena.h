// base/arena.h - memory that lives as long as one exchange and is freed in one stroke.
#pragma once
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace sally {

/// Bump allocation from blocks. Nothing is destroyed one by one: only trivially destructible things may
/// live here. Not thread-safe. The owner bounds what it copies in; `used()` tells how much that is.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  std::byte* take(std::size_t size, std::size_t align = alignof(std::max_align_t)) {
    std::size_t at = (at_ + align - 1) & ~(align - 1);
    if (block_ == nullptr || at + size > block_size_) {
      add_block(size + align);
      at = 0;
    }
    at_ = at + size;
    used_ += size;
    return block_ + at;
  }
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    auto* to = reinterpret_cast<char*>(take(text.size(), 1));
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }
  std::size_t used() const { return used_; }

  /// Forgets everything but keeps the first block for the next exchange.
  void reset() {
    if (blocks_.size() > 1) blocks_.resize(1);
    block_ = blocks_.empty() ? nullptr : blocks_.front().bytes.get();
    block_size_ = blocks_.empty() ? 0 : blocks_.front().size;
    at_ = used_ = 0;
  }
  /// Gives all memory back.
  void release() {
    blocks_.clear();
    reset();
  }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
  };
  void add_block(std::size_t least) {
    const std::size_t size = least > kBlock ? least : kBlock;
    blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    block_ = blocks_.back().bytes.get();
    block_size_ = size;
  }

  static constexpr std::size_t kBlock = 2048;
  std::vector<Block> blocks_;
  std::byte* block_ = nullptr;
  std::size_t block_size_ = 0, at_ = 0, used_ = 0;
};

}  // namespace sally
