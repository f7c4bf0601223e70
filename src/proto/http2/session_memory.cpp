#include "proto/http2/session_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "loop/slab.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SALLY_SEE_ALLOCATIONS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SALLY_SEE_ALLOCATIONS 1
#endif

#ifdef SALLY_SEE_ALLOCATIONS

namespace sally::http2 {
nghttp2_mem* session_memory() { return nullptr; }
}  // namespace sally::http2

#else

namespace sally::http2 {
namespace {

/// In front of each block: the slab wants to know sizes when it gets things back.
struct alignas(std::max_align_t) Head {
  std::size_t size;
};

FrameSlab& slab_of(void* user) { return *static_cast<FrameSlab*>(user); }
Head* head_of(void* block) { return static_cast<Head*>(block) - 1; }

void* take(std::size_t size, void* user) {
  if (size > std::numeric_limits<std::size_t>::max() / 2) return nullptr;
  try {
    return new (slab_of(user).take(sizeof(Head) + size)) Head{size} + 1;
  } catch (const std::bad_alloc&) {
    return nullptr;  // to C
  }
}

void give(void* block, void* user) {
  if (block == nullptr) return;
  Head* const head = head_of(block);
  slab_of(user).give(head, sizeof(Head) + head->size);
}

void* take_zeroed(std::size_t count, std::size_t size, void* user) {
  if (size != 0 && count > std::numeric_limits<std::size_t>::max() / 2 / size) return nullptr;
  void* const block = take(count * size, user);
  if (block != nullptr) std::memset(block, 0, count * size);
  return block;
}

void* resize(void* block, std::size_t size, void* user) {
  void* const other = take(size, user);
  if (block == nullptr || other == nullptr) return other;
  std::memcpy(other, block, std::min(size, head_of(block)->size));
  give(block, user);
  return other;
}

}  // namespace

nghttp2_mem* session_memory() {
  // Not FrameSlab::here(): that one counts coroutines.
  thread_local FrameSlab slab;
  thread_local nghttp2_mem memory{&slab, take, give, take_zeroed, resize};
  return &memory;
}

}  // namespace sally::http2

#endif
