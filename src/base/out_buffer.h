// base/out_buffer.h - where one turn's output is collected so that it leaves in one system call; one for each
// core.
#pragma once
#include <cstring>
#include <memory>

#include "base/bytes.h"

namespace sally {

/// A fixed scratch: whoever fills it empties it before the turn ends. Not thread-safe.
class OutBuffer {
 public:
  /// `soft_limit`: bytes after which room() is 0. `slack`: what may still come then (a TLS record that was
  /// begun).
  OutBuffer(std::size_t soft_limit, std::size_t slack)
      : bytes_(std::make_unique_for_overwrite<std::byte[]>(soft_limit + slack)),
        soft_(soft_limit),
        size_(soft_limit + slack) {}

  std::size_t room() const { return used_ < soft_ ? soft_ - used_ : 0; }
  /// False: more than limit and slack; nothing was taken.
  bool append(Bytes bytes) {
    if (size_ - used_ < bytes.size()) return false;
    std::memcpy(bytes_.get() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
    return true;
  }
  Bytes filled() const { return {bytes_.get(), used_}; }
  void clear() { used_ = 0; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t soft_, size_, used_ = 0;
};

}  // namespace sally
