#include "quic/address_tokens.h"

#include <openssl/aead.h>

#include <array>
#include <cstring>
#include <new>

#include "crypto/entropy.h"
#include "quic/packet_keys.h"

namespace sally::quic {
namespace {

constexpr std::size_t kNonce = 12, kTag = 16, kTime = 8;

std::span<const std::uint8_t> octets(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

}  // namespace

AddressTokens::AddressTokens() {
  const auto key = crypto::random_bytes<16>();
  key_.reset(EVP_AEAD_CTX_new(EVP_aead_aes_128_gcm(), reinterpret_cast<const std::uint8_t*>(key.data()),
                              key.size(), kTag));
  if (!key_) throw std::bad_alloc();
}

// kind, nonce, sealed(time, what), tag
std::string AddressTokens::make(char kind, std::string_view place, std::string_view what,
                                std::int64_t now) const {
  std::string plain(kTime, '\0');
  std::memcpy(plain.data(), &now, kTime);
  plain += what;
  std::string token(1 + kNonce + plain.size() + kTag, kind);
  const std::span<std::uint8_t> out(reinterpret_cast<std::uint8_t*>(token.data()), token.size());
  crypto::fill_random(std::as_writable_bytes(out.subspan(1, kNonce)));
  const std::string bound = kind + std::string(place);
  if (!seal(*key_, out.data() + 1 + kNonce, octets(plain), out.subspan(1, kNonce), octets(bound))) return {};
  return token;
}

std::optional<std::string> AddressTokens::open(char kind, std::string_view token, std::string_view place,
                                               std::chrono::seconds life, std::int64_t now) const {
  if (token.size() < 1 + kNonce + kTime + kTag || token.size() > kMost || token[0] != kind)
    return std::nullopt;
  std::array<std::uint8_t, kMost> plain;
  const std::string bound = kind + std::string(place);
  if (!quic::open(*key_, plain.data(), octets(token.substr(1 + kNonce)), octets(token.substr(1, kNonce)),
                  octets(bound)))
    return std::nullopt;
  std::int64_t made = 0;
  std::memcpy(&made, plain.data(), kTime);
  if (made > now || now - made > life.count()) return std::nullopt;
  const std::size_t size = token.size() - 1 - kNonce - kTag;
  return std::string(reinterpret_cast<const char*>(plain.data()) + kTime, size - kTime);
}

std::string AddressTokens::for_retry(const SocketAddress& client, Bytes first_id, std::int64_t now) const {
  return make(kRetry, client.text(), as_text(first_id), now);
}

std::optional<std::string> AddressTokens::open_retry(std::string_view token, const SocketAddress& client,
                                                     std::int64_t now) const {
  return open(kRetry, token, client.text(), kRetryLife, now);
}

std::string AddressTokens::for_later(const SocketAddress& client, std::int64_t now) const {
  return make(kLater, client.host(), {}, now);
}

bool AddressTokens::opens_later(std::string_view token, const SocketAddress& client, std::int64_t now) const {
  return open(kLater, token, client.host(), kLaterLife, now).has_value();
}

}  // namespace sally::quic
