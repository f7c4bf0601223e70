// crypto/mac.h - proof that a text was made by a holder of a secret: HMAC (RFC 2104) with SHA-256.
#pragma once
#include "crypto/digest.h"

namespace sally::crypto {

/// secret  32 octets or more for full strength (RFC 2104 3)
Sha256 hmac_sha256(Bytes secret, Bytes text);

}  // namespace sally::crypto
