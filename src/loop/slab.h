// loop/slab.h - coroutine frames by size class, one free list per core: GCC does not elide frames.
#pragma once
#include <array>
#include <cstddef>

namespace sally {

/// Recycles frames of the calling thread. A frame must be given back on the thread that took it.
/// Keeps at most `kKeep` frames of a class, so that a burst does not hold its memory for ever.
class FrameSlab {
 public:
  FrameSlab() = default;
  FrameSlab(const FrameSlab&) = delete;
  FrameSlab& operator=(const FrameSlab&) = delete;
  ~FrameSlab();

  static FrameSlab& here();

  void* take(std::size_t size);
  void give(void* frame, std::size_t size);
  /// Bytes in frames that live now: taken and not given back.
  std::size_t live_bytes() const { return live_bytes_; }

 private:
  struct Free {
    Free* next;
  };
  static constexpr std::size_t kStep = 64, kClasses = 64, kKeep = 1024;
  std::array<Free*, kClasses> free_{};
  std::array<std::size_t, kClasses> kept_{};
  std::size_t live_bytes_ = 0;
};

}  // namespace sally
