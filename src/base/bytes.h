// base/bytes.h - the words for runs of bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sally {

using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view s) { return std::as_bytes(std::span(s.data(), s.size())); }
inline Bytes as_bytes(std::span<const std::uint8_t> s) { return std::as_bytes(s); }
inline std::string_view as_text(Bytes b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }
inline const std::uint8_t* as_u8(Bytes b) { return reinterpret_cast<const std::uint8_t*>(b.data()); }

}  // namespace sally
