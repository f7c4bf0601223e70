// crypto/raw_rsa.h - the bare RSA operation with a certificate's key: no padding, whatever the block holds.
#pragma once
#include <string>
#include <string_view>

#include "crypto/certificate.h"

namespace sally::crypto {

/// Bytes of the modulus; 0: the key is no RSA key.
std::size_t rsa_block_size(const Certificate& certificate);

/// `block` to the power of the public exponent, for tests of others' servers and for nothing that is secret.
/// block   as long as rsa_block_size(), and less than the modulus: its first byte 0 or small
/// errors  crypto.call_failed
/// source  RFC 8017 5.1.1
Result<std::string> rsa_raw(const Certificate& certificate, std::string_view block);

}  // namespace sally::crypto
