#include "quic/packet_keys.h"

#include <openssl/aead.h>
#include <openssl/chacha.h>
#include <openssl/hkdf.h>
#include <openssl/mem.h>

#include <algorithm>
#include <cstring>

namespace sally::quic {
namespace {

constexpr std::size_t kTag = 16;

std::unexpected<Error> library_error() { return fail(crypto::kCryptoCall, crypto::drain_errors()); }

struct Labels {
  std::string_view key, iv, header, update;
};
const Labels& labels_of(std::uint32_t version) {
  static constexpr Labels k1{"quic key", "quic iv", "quic hp", "quic ku"};
  static constexpr Labels k2{"quicv2 key", "quicv2 iv", "quicv2 hp", "quicv2 ku"};  // RFC 9369 3.3.2
  return version == kVersion2 ? k2 : k1;
}

constexpr std::array<std::uint8_t, 20> kSalt1 = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                                 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
constexpr std::array<std::uint8_t, 20> kSalt2 = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                                                 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
constexpr std::array<std::uint8_t, 16> kRetry1 = {0xbe, 0x0c, 0x69, 0x0b, 0x9f, 0x66, 0x57, 0x5a,
                                                  0x1d, 0x76, 0x6b, 0x54, 0xe3, 0x68, 0xc8, 0x4e};
constexpr std::array<std::uint8_t, 16> kRetry2 = {0x8f, 0xb4, 0xb0, 0x1b, 0x56, 0xac, 0x48, 0xe2,
                                                  0x60, 0xfb, 0xcb, 0xce, 0xad, 0x7c, 0xcc, 0x92};

Result<crypto::EvpAeadCtx> make_aead(const EVP_AEAD* aead, std::span<const std::uint8_t> key) {
  crypto::EvpAeadCtx made(EVP_AEAD_CTX_new(aead, key.data(), key.size(), kTag));
  if (!made) return library_error();
  return made;
}

}  // namespace

const Suite& initial_suite() {
  static const Suite kSuite{EVP_aead_aes_128_gcm(), EVP_sha256(), false, 1ull << 23, 1ull << 52};
  return kSuite;
}

const Suite* suite_of(std::uint16_t id) {
  static const Suite kAes256{EVP_aead_aes_256_gcm(), EVP_sha384(), false, 1ull << 23, 1ull << 52};
  static const Suite kChacha{EVP_aead_chacha20_poly1305(), EVP_sha256(), true, UINT64_MAX, 1ull << 36};
  switch (id) {
    case 0x1301:
      return &initial_suite();
    case 0x1302:
      return &kAes256;
    case 0x1303:
      return &kChacha;
    default:
      return nullptr;
  }
}

Secret::Secret(Bytes bytes) : size_(std::min(bytes.size(), bytes_.size())) {
  std::memcpy(bytes_.data(), bytes.data(), size_);
}

Secret::~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

std::span<std::uint8_t> Secret::resize(std::size_t size) {
  size_ = std::min(size, bytes_.size());
  return std::span(bytes_).first(size_);
}

LabelExpander::LabelExpander(const EVP_MD* digest, Bytes secret) {
  HMAC_CTX_init(&keyed_);
  ready_ = HMAC_Init_ex(&keyed_, as_u8(secret), secret.size(), digest, nullptr) == 1;
}

LabelExpander::~LabelExpander() { HMAC_CTX_cleanup(&keyed_); }

/// As no more than one digest is asked for, RFC 5869 2.3 comes to one HMAC over the label and a counter.
Result<> LabelExpander::expand(std::string_view label, std::span<std::uint8_t> to) {
  static constexpr std::string_view kPrefix = "tls13 ";
  std::array<std::uint8_t, 64> text;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> whole;
  const std::size_t size = kPrefix.size() + label.size();
  if (!ready_ || size + 5 > text.size() || to.size() > HMAC_size(&keyed_))
    return fail(crypto::kCryptoCall, "expanding a secret");
  text[0] = 0;
  text[1] = static_cast<std::uint8_t>(to.size());
  text[2] = static_cast<std::uint8_t>(size);
  auto at = std::ranges::copy(kPrefix, text.begin() + 3).out;
  at = std::ranges::copy(label, at).out;
  *at++ = 0;  // no context
  *at = 1;    // the counter
  unsigned made = 0;
  if (!HMAC_Init_ex(&keyed_, nullptr, 0, nullptr, nullptr) || !HMAC_Update(&keyed_, text.data(), size + 5) ||
      !HMAC_Final(&keyed_, whole.data(), &made))
    return library_error();
  std::ranges::copy(std::span(whole).first(to.size()), to.begin());
  OPENSSL_cleanse(whole.data(), whole.size());
  return {};
}

Result<std::unique_ptr<HeaderKey>> HeaderKey::make(const Suite& suite, std::span<const std::uint8_t> key) {
  std::unique_ptr<HeaderKey> made(new HeaderKey);
  made->chacha_ = suite.chacha;
  if (suite.chacha) {
    if (key.size() != made->key_.size()) return fail(crypto::kCryptoCall, "header key");
    std::ranges::copy(key, made->key_.begin());
  } else if (AES_set_encrypt_key(key.data(), static_cast<unsigned>(key.size() * 8), &made->aes_) != 0) {
    return fail(crypto::kCryptoCall, "header key");
  }
  return made;
}

HeaderKey::~HeaderKey() {
  OPENSSL_cleanse(&aes_, sizeof aes_);
  OPENSSL_cleanse(key_.data(), key_.size());
}

void HeaderKey::mask(const std::uint8_t* sample, std::uint8_t* mask) const {
  if (!chacha_) {
    std::array<std::uint8_t, kSample> block;
    AES_encrypt(sample, block.data(), &aes_);
    std::memcpy(mask, block.data(), kMask);
    return;
  }
  // RFC 9001 5.4.4: the first four bytes of the sample are the counter, little-endian; the rest is the nonce.
  static constexpr std::array<std::uint8_t, kMask> kZeros{};
  const std::uint32_t counter = std::uint32_t{sample[0]} | std::uint32_t{sample[1]} << 8 |
                                std::uint32_t{sample[2]} << 16 | std::uint32_t{sample[3]} << 24;
  CRYPTO_chacha_20(mask, kZeros.data(), kMask, key_.data(), sample + 4, counter);
}

Result<PacketKeys> derive_keys(const Suite& suite, std::uint32_t version, Bytes secret, bool with_header) {
  const Labels& labels = labels_of(version);
  LabelExpander from(suite.digest, secret);
  PacketKeys keys;
  Secret key;
  const std::size_t size = EVP_AEAD_key_length(suite.aead);
  TRY_VOID(from.expand(labels.key, key.resize(size)));
  TRY_VOID(from.expand(labels.iv, keys.iv));
  TRY(keys.aead, make_aead(suite.aead, {key.data(), size}));
  if (!with_header) return keys;
  TRY_VOID(from.expand(labels.header, key.resize(size)));
  TRY(keys.header, HeaderKey::make(suite, {key.data(), size}));
  return keys;
}

Result<Secret> next_secret(const Suite& suite, std::uint32_t version, Bytes secret) {
  Secret next;
  TRY_VOID(LabelExpander(suite.digest, secret).expand(labels_of(version).update, next.resize(secret.size())));
  return next;
}

Result<InitialSecrets> initial_secrets(std::uint32_t version, Bytes client_destination) {
  const auto& salt = version == kVersion2 ? kSalt2 : kSalt1;
  Secret common;
  std::size_t size = 0;
  if (!HKDF_extract(common.resize(32).data(), &size, EVP_sha256(), as_u8(client_destination),
                    client_destination.size(), salt.data(), salt.size()))
    return library_error();
  InitialSecrets secrets;
  LabelExpander from(EVP_sha256(), common.bytes());
  TRY_VOID(from.expand("client in", secrets.client.resize(32)));
  TRY_VOID(from.expand("server in", secrets.server.resize(32)));
  return secrets;
}

Result<crypto::EvpAeadCtx> retry_key(std::uint32_t version) {
  return make_aead(EVP_aead_aes_128_gcm(), version == kVersion2 ? kRetry2 : kRetry1);
}

bool seal(const EVP_AEAD_CTX& key, std::uint8_t* to, std::span<const std::uint8_t> plain,
          std::span<const std::uint8_t> nonce, std::span<const std::uint8_t> additional) {
  std::size_t size = 0;
  return EVP_AEAD_CTX_seal(&key, to, &size, plain.size() + kTag, nonce.data(), nonce.size(), plain.data(),
                           plain.size(), additional.data(), additional.size()) == 1;
}

bool open(const EVP_AEAD_CTX& key, std::uint8_t* to, std::span<const std::uint8_t> sealed,
          std::span<const std::uint8_t> nonce, std::span<const std::uint8_t> additional) {
  if (sealed.size() < kTag) return false;
  std::size_t size = 0;
  const bool opened =
      EVP_AEAD_CTX_open(&key, to, &size, sealed.size() - kTag, nonce.data(), nonce.size(), sealed.data(),
                        sealed.size(), additional.data(), additional.size()) == 1;
  if (!opened) ERR_clear_error();  // a forged packet is the network's doing, and must not blame a later call
  return opened;
}

}  // namespace sally::quic
