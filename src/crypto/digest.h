// crypto/digest.h - SHA-256, and digests as people write them.
#pragma once
#include <array>
#include <string>

#include "base/bytes.h"

namespace sally::crypto {

using Sha256 = std::array<std::byte, 32>;

Sha256 sha256(Bytes in);
inline Sha256 sha256(std::string_view in) { return sha256(as_bytes(in)); }

/// Lower-case digits, "1f0a"; with a separator "1f:0a".
std::string hex(Bytes in, std::string_view separator = {});

/// Compares in a time that depends on the length only: for secrets.
bool equal_in_constant_time(Bytes a, Bytes b);

}  // namespace sally::crypto
