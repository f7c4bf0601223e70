#include "quic/connection_ids.h"

#include <openssl/mem.h>

#include <algorithm>
#include <cstring>

#include "crypto/entropy.h"
#include "crypto/mac.h"

namespace sally::quic {
namespace {

// worker (2), six zeros that prove the id to be ours, eight random bytes
constexpr std::size_t kProof = 2, kRandom = 8;

}  // namespace

ConnectionIds::ConnectionIds() : reset_secret_(crypto::random_bytes<32>()) {
  auto key = crypto::random_bytes<16>();
  const auto* octets = reinterpret_cast<const std::uint8_t*>(key.data());
  AES_set_encrypt_key(octets, 128, &seal_);
  AES_set_decrypt_key(octets, 128, &open_);
  OPENSSL_cleanse(key.data(), key.size());
}

ConnectionIds::~ConnectionIds() {
  OPENSSL_cleanse(&seal_, sizeof seal_);
  OPENSSL_cleanse(&open_, sizeof open_);
  OPENSSL_cleanse(reset_secret_.data(), reset_secret_.size());
}

ConnectionId ConnectionIds::make(std::uint16_t worker) const {
  ConnectionId plain{}, id;
  plain[0] = static_cast<std::uint8_t>(worker >> 8);
  plain[1] = static_cast<std::uint8_t>(worker);
  crypto::fill_random(std::as_writable_bytes(std::span(plain).subspan(kRandom)));
  AES_encrypt(plain.data(), id.data(), &seal_);
  return id;
}

std::optional<std::uint16_t> ConnectionIds::worker_of(Bytes id) const {
  ConnectionId plain;
  if (id.size() != plain.size()) return std::nullopt;
  AES_decrypt(as_u8(id), plain.data(), &open_);
  const auto proof = std::span(plain).subspan(kProof, kRandom - kProof);
  if (std::ranges::any_of(proof, [](std::uint8_t octet) { return octet != 0; })) return std::nullopt;
  return static_cast<std::uint16_t>(plain[0] << 8 | plain[1]);
}

ResetToken ConnectionIds::reset_token(Bytes id) const {
  const auto mac = crypto::hmac_sha256(reset_secret_, id);
  ResetToken token;
  std::memcpy(token.data(), mac.data(), token.size());
  return token;
}

}  // namespace sally::quic
