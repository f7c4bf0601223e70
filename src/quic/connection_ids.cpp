#include "quic/connection_ids.h"

#include <openssl/mem.h>

#include <algorithm>
#include <cstring>

#include "crypto/entropy.h"

namespace sally::quic {
namespace {

// worker (2), six zeros that prove the id to be ours, the number of ids made before
constexpr std::size_t kProof = 2, kNumber = 8;

}  // namespace

AnyConnectionId::AnyConnectionId(Bytes id) : size_(static_cast<std::uint8_t>(std::min(id.size(), kMost))) {
  std::memcpy(bytes_.data(), id.data(), size_);
}

ConnectionIds::ConnectionIds() {
  auto keys = crypto::random_bytes<48>();
  const auto* octets = reinterpret_cast<const std::uint8_t*>(keys.data());
  AES_set_encrypt_key(octets, 128, &seal_);
  AES_set_decrypt_key(octets, 128, &open_);
  AES_set_encrypt_key(octets + 16, 128, &reset_);
  AES_set_encrypt_key(octets + 32, 128, &hash_);
  OPENSSL_cleanse(keys.data(), keys.size());
}

ConnectionIds::~ConnectionIds() {
  OPENSSL_cleanse(&seal_, sizeof seal_);
  OPENSSL_cleanse(&open_, sizeof open_);
  OPENSSL_cleanse(&reset_, sizeof reset_);
  OPENSSL_cleanse(&hash_, sizeof hash_);
}

ConnectionId ConnectionIds::make(std::uint16_t worker) const {
  ConnectionId plain{}, id;
  plain[0] = static_cast<std::uint8_t>(worker >> 8);
  plain[1] = static_cast<std::uint8_t>(worker);
  const std::uint64_t number = made_.fetch_add(1, std::memory_order_relaxed);
  std::memcpy(plain.data() + kNumber, &number, sizeof number);
  AES_encrypt(plain.data(), id.data(), &seal_);
  return id;
}

std::optional<std::uint16_t> ConnectionIds::worker_of(Bytes id) const {
  ConnectionId plain;
  if (id.size() != plain.size()) return std::nullopt;
  AES_decrypt(as_u8(id), plain.data(), &open_);
  const auto proof = std::span(plain).subspan(kProof, kNumber - kProof);
  if (std::ranges::any_of(proof, [](std::uint8_t octet) { return octet != 0; })) return std::nullopt;
  return static_cast<std::uint16_t>(plain[0] << 8 | plain[1]);
}

ResetToken ConnectionIds::reset_token(Bytes id) const {
  ConnectionId block{};
  std::memcpy(block.data(), id.data(), std::min(id.size(), block.size()));
  ResetToken token;
  AES_encrypt(block.data(), token.data(), &reset_);
  return token;
}

/// CBC-MAC over the length and the two blocks.
std::size_t ConnectionIds::hash(const AnyConnectionId& id) const {
  constexpr std::size_t kBlock = 16;
  std::array<std::uint8_t, kBlock> block;
  std::copy_n(id.bytes_.begin(), kBlock, block.begin());
  AES_encrypt(block.data(), block.data(), &hash_);
  if (id.size_ != kBlock) {
    for (std::size_t i = 0; i < AnyConnectionId::kMost - kBlock; ++i) block[i] ^= id.bytes_[kBlock + i];
    block[kBlock - 1] ^= id.size_;
    AES_encrypt(block.data(), block.data(), &hash_);
  }
  std::size_t out;
  std::memcpy(&out, block.data(), sizeof out);
  return out;
}

}  // namespace sally::quic
