#include "crypto/keyed_hash.h"

#include <openssl/siphash.h>

#include "crypto/entropy.h"

namespace sally::crypto {

KeyedHash::KeyedHash() { fill_random(std::as_writable_bytes(std::span(key_))); }

std::uint64_t KeyedHash::operator()(Bytes bytes) const {
  return ::SIPHASH_24(key_.data(), as_u8(bytes), bytes.size());
}

}  // namespace sally::crypto
