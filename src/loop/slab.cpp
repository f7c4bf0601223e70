#include "loop/slab.h"

#include <new>
#include <utility>

namespace sally {

FrameSlab::~FrameSlab() {
  for (Free* head : free_)
    while (head != nullptr) ::operator delete(std::exchange(head, head->next));
}

FrameSlab& FrameSlab::here() {
  thread_local FrameSlab slab;
  return slab;
}

void* FrameSlab::take(std::size_t size) {
  const std::size_t cls = (size + kStep - 1) / kStep;
  live_bytes_ += cls * kStep;
  if (cls < kClasses && free_[cls] != nullptr) {
    --kept_[cls];
    return std::exchange(free_[cls], free_[cls]->next);
  }
  return ::operator new(cls* kStep);
}

void FrameSlab::give(void* frame, std::size_t size) {
  const std::size_t cls = (size + kStep - 1) / kStep;
  live_bytes_ -= cls * kStep;
  if (cls >= kClasses || kept_[cls] == kKeep) return ::operator delete(frame);
  free_[cls] = new (frame) Free{free_[cls]};
  ++kept_[cls];
}

}  // namespace sally
