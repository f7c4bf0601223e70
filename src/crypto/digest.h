// crypto/digest.h - SHA-256 and SHA-1, and digests as people write them.
#pragma once
#include <array>
#include <string>

#include "base/bytes.h"

namespace sally::crypto {

using Sha256 = std::array<std::byte, 32>;

Sha256 sha256(Bytes in);
inline Sha256 sha256(std::string_view in) { return sha256(as_bytes(in)); }

using Sha1 = std::array<std::byte, 20>;

/// For protocols that name it. It proves nothing any more: who wants to can make two texts with one digest.
Sha1 sha1(std::string_view in);

/// With padding and without line ends (RFC 4648 4).
std::string base64(Bytes in);

/// Lower-case digits, "1f0a"; with a separator "1f:0a".
std::string hex(Bytes in, std::string_view separator = {});

/// Compares in a time that depends on the length only: for secrets.
bool equal_in_constant_time(Bytes a, Bytes b);

}  // namespace sally::crypto
