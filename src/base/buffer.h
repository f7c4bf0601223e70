// base/buffer.h - the one byte queue between a socket and a codec.
#pragma once
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "base/error.h"

namespace sally {

inline constexpr ErrorKind kBufferFull{"base.buffer_full",
                                       Blame::peer,
                                       Retry::never,
                                       "the peer sent more unparsed bytes than the limit",
                                       "raise the limit named in the detail, or fix the client",
                                       "",
                                       -1,
                                       431};

/// Contiguous bytes in, contiguous bytes out; never wraps, so a codec always sees one span.
/// Grows by doubling up to `limit` bytes and then fails: no peer can make it larger.
/// Not thread-safe: it belongs to one connection on one core.
class Buffer {
 public:
  explicit Buffer(std::size_t limit) : limit_(limit) {}

  Bytes readable() const { return {data_.get() + head_, tail_ - head_}; }
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return tail_ - head_; }
  /// Bytes of memory held now.
  std::size_t capacity() const { return cap_; }

  /// Room for at least `want` bytes; call commit() with what arrived. kBufferFull past the limit.
  Result<std::span<std::byte>> prepare(std::size_t want);
  void commit(std::size_t n) { tail_ += n; }

  /// prepare + copy + commit.
  Result<> append(Bytes bytes);
  Result<> append(std::string_view text) { return append(as_bytes(text)); }

  /// Drops n bytes from the front. Spans from readable() stay valid until the next prepare().
  void consume(std::size_t n) {
    head_ += n;
    offset_ += n;
    if (head_ == tail_) head_ = tail_ = 0;
  }

  /// Gives the memory back when nothing is held: an idle connection owns no buffer.
  void release_if_empty() {
    if (head_ != tail_) return;
    data_.reset();
    cap_ = head_ = tail_ = 0;
  }

  /// Position of readable().front() in the peer's byte stream: what WirePos::offset is made of.
  std::uint64_t offset() const { return offset_; }

 private:
  Result<> make_room(std::size_t want);

  std::unique_ptr<std::byte[]> data_;
  std::size_t cap_ = 0, head_ = 0, tail_ = 0, limit_;
  std::uint64_t offset_ = 0;
};

}  // namespace sally
