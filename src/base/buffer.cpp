#include "base/buffer.h"

namespace sally {

Result<std::span<std::byte>> Buffer::prepare(std::size_t want) {
  if (cap_ - tail_ < want) TRY_VOID(make_room(want));
  return std::span(data_.get() + tail_, cap_ - tail_);
}

Result<> Buffer::append(Bytes bytes) {
  if (bytes.empty()) return {};
  TRY(const std::span<std::byte> room, prepare(bytes.size()));
  std::memcpy(room.data(), bytes.data(), bytes.size());
  commit(bytes.size());
  return {};
}

Result<> Buffer::make_room(std::size_t want) {
  const std::size_t used = tail_ - head_;
  if (want > limit_ || used > limit_ - want)
    return fail(kBufferFull, WirePos{offset_}, "limit is " + std::to_string(limit_) + " bytes");
  std::size_t cap = cap_ ? cap_ : 1024;
  while (cap < used + want) cap *= 2;
  if (cap > limit_) cap = limit_;
  auto next = cap > cap_ ? std::make_unique_for_overwrite<std::byte[]>(cap) : nullptr;
  std::byte* to = next ? next.get() : data_.get();
  if (used) std::memmove(to, data_.get() + head_, used);
  if (next) {
    data_ = std::move(next);
    cap_ = cap;
  }
  head_ = 0;
  tail_ = used;
  return {};
}

}  // namespace sally
