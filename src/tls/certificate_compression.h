// tls/certificate_compression.h - compressed Certificate messages (RFC 8879), each made once and kept.
#pragma once
#include "crypto/owned.h"

namespace sally::tls {

/// Offers zstd and brotli and zlib, in this order, for what `context` sends. The library asks anew in each
/// handshake; what comes out is kept by `context` while the message stays the same. Errors:
/// crypto.call_failed.
Result<> compress_certificates(SSL_CTX& context);

}  // namespace sally::tls
