// load/http2_frame.h - frames of HTTP/2 as bytes: what they are called, and how they are written (RFC
// 9113 4.1, 6).
#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace sally::load::frame {

enum Type : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPush = 5,
  kPing = 6,
  kGoaway = 7,
  kWindow = 8,
  kContinuation = 9
};
inline constexpr std::uint8_t kEndStream = 0x1, kAck = 0x1, kEndHeaders = 0x4, kPadded = 0x8,
                              kPriority = 0x20;
inline constexpr std::uint32_t kRefused = 7, kCancel = 8;
inline constexpr std::size_t kHead = 9;

inline std::uint32_t number_at(Bytes b, std::size_t at, unsigned size) {
  std::uint32_t n = 0;
  for (unsigned i = 0; i < size; ++i) n = n << 8 | std::to_integer<std::uint32_t>(b[at + i]);
  return n;
}

inline void put(std::string& out, std::uint32_t value, unsigned size) {
  while (size-- > 0) out += static_cast<char>(value >> (8 * size));
}

inline void put_head(std::string& out, std::size_t length, std::uint8_t type, std::uint8_t flags,
                     std::uint32_t stream) {
  char head[kHead];
  for (unsigned i = 0; i < 3; ++i) head[i] = static_cast<char>(length >> (16 - 8 * i));
  head[3] = static_cast<char>(type);
  head[4] = static_cast<char>(flags);
  for (unsigned i = 0; i < 4; ++i) head[5 + i] = static_cast<char>(stream >> (24 - 8 * i));
  out.append(head, kHead);
}

inline void put_window(std::string& out, std::uint32_t stream, std::uint32_t more) {
  put_head(out, 4, kWindow, 0, stream);
  put(out, more, 4);
}

inline void put_reset(std::string& out, std::uint32_t stream) {
  put_head(out, 4, kReset, 0, stream);
  put(out, kCancel, 4);
}

}  // namespace sally::load::frame
