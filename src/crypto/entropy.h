// crypto/entropy.h - random bytes that nobody can guess.
#pragma once
#include <array>
#include <cstddef>
#include <span>

namespace sally::crypto {

/// Fills `out` from the TLS library's generator, which is seeded by the kernel and is safe after fork.
/// It cannot fail: without entropy the library ends the program.
void fill_random(std::span<std::byte> out);

template <std::size_t N>
std::array<std::byte, N> random_bytes() {
  std::array<std::byte, N> out;
  fill_random(out);
  return out;
}

}  // namespace sally::crypto
