// base/reader.h - bounds-checked big-endian reads that remember where they are.
#pragma once
#include "base/bytes.h"
#include "base/error.h"

namespace sally {

inline constexpr ErrorKind kTruncated{"base.truncated",
                                      Blame::peer,
                                      Retry::never,
                                      "a message ends before one of its fields does",
                                      "report the peer's software as broken",
                                      "RFC 8446 3.4",
                                      50,
                                      400};

/// Reads fields in order. Every failure carries the absolute offset and the field's name.
class Reader {
 public:
  Reader(Bytes in, std::uint64_t base_offset) : in_(in), base_(base_offset) {}

  Result<std::uint8_t> u8(std::string_view field) {
    TRY(const Bytes b, take(1, field));
    return std::to_integer<std::uint8_t>(b[0]);
  }
  Result<std::uint16_t> u16(std::string_view field) {
    TRY(const Bytes b, take(2, field));
    return static_cast<std::uint16_t>(number(b));
  }
  Result<std::uint32_t> u24(std::string_view field) {
    TRY(const Bytes b, take(3, field));
    return static_cast<std::uint32_t>(number(b));
  }
  Result<std::uint32_t> u32(std::string_view field) {
    TRY(const Bytes b, take(4, field));
    return static_cast<std::uint32_t>(number(b));
  }
  Result<std::uint64_t> u64(std::string_view field) {
    TRY(const Bytes b, take(8, field));
    return number(b);
  }
  /// A vector with an 8-bit length in front: opaque name<0..2^8-1>.
  Result<Bytes> vec8(std::string_view field) {
    TRY(const std::uint8_t n, u8(field));
    return take(n, field);
  }
  /// A vector with a 16-bit length in front: opaque name<0..2^16-1>.
  Result<Bytes> vec16(std::string_view field) {
    TRY(const std::uint16_t n, u16(field));
    return take(n, field);
  }
  /// A vector with a 24-bit length in front: opaque name<0..2^24-1>.
  Result<Bytes> vec24(std::string_view field) {
    TRY(const std::uint32_t n, u24(field));
    return take(n, field);
  }
  Result<Bytes> take(std::size_t n, std::string_view field) {
    if (in_.size() - at_ < n) return fail(kTruncated, WirePos{base_ + at_, -1, field});
    at_ += n;
    return in_.subspan(at_ - n, n);
  }
  bool done() const { return at_ == in_.size(); }
  std::size_t left() const { return in_.size() - at_; }
  std::uint64_t offset() const { return base_ + at_; }

 private:
  static std::uint64_t number(Bytes b) {
    std::uint64_t n = 0;
    for (const std::byte x : b) n = n << 8 | std::to_integer<std::uint64_t>(x);
    return n;
  }

  Bytes in_;
  std::uint64_t base_;
  std::size_t at_ = 0;
};

}  // namespace sally
