#include "proto/ssh/packet_cipher.h"

#include <openssl/aead.h>
#include <openssl/chacha.h>
#include <openssl/poly1305.h>

#include <algorithm>
#include <array>

#include "crypto/digest.h"
#include "crypto/entropy.h"
#include "proto/ssh/wire.h"

namespace sally::ssh {
namespace {

using crypto::kCryptoCall;

std::uint8_t* room(std::string& s) { return reinterpret_cast<std::uint8_t*>(s.data()); }
const std::uint8_t* octets(std::string_view s) { return reinterpret_cast<const std::uint8_t*>(s.data()); }

std::uint32_t number_of(std::string_view four) {
  std::uint32_t out = 0;
  for (const char c : four.substr(0, 4)) out = out << 8 | static_cast<std::uint8_t>(c);
  return out;
}

Result<std::size_t> checked_length(std::string_view four, std::size_t block) {
  const std::size_t length = number_of(four);
  if (length < 5 || length > kMostPacket || (block > 1 && length % block != 0))
    return fail(kMalformed, WirePos{.field = "packet_length"}, std::to_string(length));
  return length;
}

/// padding_length, payload, padding (RFC 4253 6). `aligned`: bytes in front that count for the block.
std::string padded(std::string_view payload, std::size_t block, std::size_t aligned) {
  std::size_t padding = block - (aligned + 1 + payload.size()) % block;
  if (padding < 4) padding += block;
  std::string out(1, static_cast<char>(padding));
  out += payload;
  const std::size_t at = out.size();
  out.resize(at + padding);
  crypto::fill_random(std::as_writable_bytes(std::span(out)).subspan(at));
  return out;
}

Result<std::string> payload_of(std::string_view packet) {
  const std::size_t padding = static_cast<std::uint8_t>(packet.front());
  if (padding < 4 || padding + 1 > packet.size())
    return fail(kMalformed, WirePos{.field = "padding_length"}, std::to_string(padding));
  return std::string(packet.substr(1, packet.size() - 1 - padding));
}

std::string counted(std::uint32_t n) {
  std::string out;
  put_u32(out, n);
  return out;
}

}  // namespace

/// How packets look on the wire.
struct PacketCipher::Method {
  virtual ~Method() = default;
  virtual Result<std::string> seal(std::string_view payload, std::uint32_t n) = 0;
  virtual Result<std::optional<std::string>> open(Buffer& in, std::uint32_t n) = 0;
};

namespace {

using Opened = std::optional<std::string>;

struct InClear final : PacketCipher::Method {
  Result<std::string> seal(std::string_view payload, std::uint32_t) override {
    std::string out;
    put_string(out, padded(payload, 8, 4));
    return out;
  }
  Result<Opened> open(Buffer& in, std::uint32_t) override {
    const std::string_view all = as_text(in.readable());
    if (all.size() < 4) return Opened();
    TRY(const std::size_t length, checked_length(all, 1));
    if (all.size() < 4 + length) return Opened();
    TRY(std::string out, payload_of(all.substr(4, length)));
    in.consume(4 + length);
    return Opened(std::move(out));
  }
};

/// RFC 5647: the length goes in clear and is vouched for; the last 8 bytes of the nonce count.
class Gcm final : public PacketCipher::Method {
 public:
  Gcm(crypto::EvpAeadCtx ctx, std::string nonce) : ctx_(std::move(ctx)), nonce_(std::move(nonce)) {}

  Result<std::string> seal(std::string_view payload, std::uint32_t) override {
    const std::string plain = padded(payload, 16, 0);
    std::string out = counted(static_cast<std::uint32_t>(plain.size()));
    const std::string head = out;
    std::size_t size = 0;
    out.resize(4 + plain.size() + kTag);
    if (EVP_AEAD_CTX_seal(ctx_.get(), room(out) + 4, &size, plain.size() + kTag, octets(nonce_),
                          nonce_.size(), octets(plain), plain.size(), octets(head), 4) != 1)
      return fail(kCryptoCall, crypto::drain_errors());
    step();
    return out;
  }
  Result<Opened> open(Buffer& in, std::uint32_t) override {
    const std::string_view all = as_text(in.readable());
    if (all.size() < 4) return Opened();
    TRY(const std::size_t length, checked_length(all, 16));
    if (all.size() < 4 + length + kTag) return Opened();
    std::string plain(length, '\0');
    std::size_t size = 0;
    if (EVP_AEAD_CTX_open(ctx_.get(), room(plain), &size, plain.size(), octets(nonce_), nonce_.size(),
                          octets(all) + 4, length + kTag, octets(all), 4) != 1) {
      ERR_clear_error();
      return fail(kBadSeal);
    }
    step();
    in.consume(4 + length + kTag);
    TRY(std::string out, payload_of(plain));
    return Opened(std::move(out));
  }

 private:
  static constexpr std::size_t kTag = 16;
  void step() {
    for (std::size_t i = nonce_.size(); i-- > 4;)
      if (++nonce_[i] != 0) break;
  }

  crypto::EvpAeadCtx ctx_;
  std::string nonce_;
};

/// chacha20-poly1305@openssh.com: one key for the length, one for the rest; the packet's number is the nonce.
class ChaCha final : public PacketCipher::Method {
 public:
  explicit ChaCha(std::string keys) : keys_(std::move(keys)) {}

  Result<std::string> seal(std::string_view payload, std::uint32_t n) override {
    const std::string plain = padded(payload, 8, 0), head = counted(static_cast<std::uint32_t>(plain.size()));
    std::string out(4 + plain.size(), '\0');
    const Nonce nonce = nonce_of(n);
    CRYPTO_chacha_20(room(out), octets(head), 4, octets(keys_) + 32, nonce.data(), 0);
    CRYPTO_chacha_20(room(out) + 4, octets(plain), plain.size(), octets(keys_), nonce.data(), 1);
    return out + tag_of(out, nonce);
  }
  Result<Opened> open(Buffer& in, std::uint32_t n) override {
    const std::string_view all = as_text(in.readable());
    if (all.size() < 4) return Opened();
    const Nonce nonce = nonce_of(n);
    std::string head(4, '\0');
    CRYPTO_chacha_20(room(head), octets(all), 4, octets(keys_) + 32, nonce.data(), 0);
    TRY(const std::size_t length, checked_length(head, 8));
    if (all.size() < 4 + length + kTag) return Opened();
    const std::string tag = tag_of(all.substr(0, 4 + length), nonce);
    if (!crypto::equal_in_constant_time(as_bytes(tag), as_bytes(all.substr(4 + length, kTag))))
      return fail(kBadSeal);
    std::string plain(length, '\0');
    CRYPTO_chacha_20(room(plain), octets(all) + 4, length, octets(keys_), nonce.data(), 1);
    in.consume(4 + length + kTag);
    TRY(std::string out, payload_of(plain));
    return Opened(std::move(out));
  }

 private:
  static constexpr std::size_t kTag = 16;
  using Nonce = std::array<std::uint8_t, 12>;
  static Nonce nonce_of(std::uint32_t n) {
    Nonce out{};
    for (int i = 0; i < 4; ++i) out[8 + i] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
    return out;
  }
  std::string tag_of(std::string_view text, const Nonce& nonce) const {
    std::array<std::uint8_t, 32> key{};
    CRYPTO_chacha_20(key.data(), key.data(), key.size(), octets(keys_), nonce.data(), 0);
    poly1305_state state;
    CRYPTO_poly1305_init(&state, key.data());
    CRYPTO_poly1305_update(&state, octets(text), text.size());
    std::string out(kTag, '\0');
    CRYPTO_poly1305_finish(&state, room(out));
    return out;
  }

  std::string keys_;
};

/// AES in counter mode with an HMAC, over the plain packet or over the sealed one (-etm).
class CounterMode final : public PacketCipher::Method {
 public:
  CounterMode(crypto::EvpCipherCtx ctx, crypto::Digest digest, std::string mac_key, bool etm)
      : ctx_(std::move(ctx)), digest_(digest), mac_key_(std::move(mac_key)), etm_(etm) {}

  Result<std::string> seal(std::string_view payload, std::uint32_t n) override {
    const std::string plain = padded(payload, kBlock, etm_ ? 0 : 4);
    std::string whole = counted(static_cast<std::uint32_t>(plain.size())) + plain;
    const std::string over_plain = etm_ ? std::string() : mac_of(whole, n);
    TRY_VOID(crypt(whole, etm_ ? 4 : 0));
    return whole + (etm_ ? mac_of(whole, n) : over_plain);
  }
  Result<Opened> open(Buffer& in, std::uint32_t n) override {
    const std::string_view all = as_text(in.readable());
    if (etm_) return open_sealed_first(in, all, n);
    // The length is sealed too: the first block is opened once and kept until the rest is there.
    if (first_.empty()) {
      if (all.size() < kBlock) return Opened();
      first_ = all.substr(0, kBlock);
      TRY_VOID(crypt(first_, 0));
    }
    TRY(const std::size_t length, checked_length(first_, 1));
    if ((length + 4) % kBlock != 0) return fail(kMalformed, WirePos{.field = "packet_length"});
    if (all.size() < 4 + length + tag()) return Opened();
    std::string rest(all.substr(kBlock, 4 + length - kBlock));
    TRY_VOID(crypt(rest, 0));
    const std::string whole = std::exchange(first_, {}) + rest;
    if (!crypto::equal_in_constant_time(as_bytes(mac_of(whole, n)), as_bytes(all.substr(4 + length, tag()))))
      return fail(kBadSeal);
    in.consume(4 + length + tag());
    TRY(std::string out, payload_of(std::string_view(whole).substr(4)));
    return Opened(std::move(out));
  }

 private:
  static constexpr std::size_t kBlock = 16;
  std::size_t tag() const {
    return digest_ == crypto::Digest::sha1 ? 20 : digest_ == crypto::Digest::sha256 ? 32 : 64;
  }
  Result<Opened> open_sealed_first(Buffer& in, std::string_view all, std::uint32_t n) {
    if (all.size() < 4) return Opened();
    TRY(const std::size_t length, checked_length(all, kBlock));
    if (all.size() < 4 + length + tag()) return Opened();
    std::string whole(all.substr(0, 4 + length));
    if (!crypto::equal_in_constant_time(as_bytes(mac_of(whole, n)), as_bytes(all.substr(4 + length, tag()))))
      return fail(kBadSeal);
    TRY_VOID(crypt(whole, 4));
    in.consume(4 + length + tag());
    TRY(std::string out, payload_of(std::string_view(whole).substr(4)));
    return Opened(std::move(out));
  }
  std::string mac_of(std::string_view text, std::uint32_t n) const {
    return crypto::hmac_of(digest_, as_bytes(mac_key_), as_bytes(counted(n) + std::string(text)));
  }
  Result<> crypt(std::string& text, std::size_t from) {
    int size = 0;
    if (EVP_CipherUpdate(ctx_.get(), room(text) + from, &size, octets(text) + from,
                         static_cast<int>(text.size() - from)) != 1)
      return fail(kCryptoCall, crypto::drain_errors());
    return {};
  }

  crypto::EvpCipherCtx ctx_;
  crypto::Digest digest_;
  std::string mac_key_, first_;
  bool etm_;
};

struct MacRow {
  std::string_view name;
  crypto::Digest digest;
  std::size_t key_bytes;
  bool etm;
};
using crypto::Digest;
constexpr MacRow kMacs[] = {
    {"hmac-sha2-256", Digest::sha256, 32, false}, {"hmac-sha2-256-etm@openssh.com", Digest::sha256, 32, true},
    {"hmac-sha2-512", Digest::sha512, 64, false}, {"hmac-sha2-512-etm@openssh.com", Digest::sha512, 64, true},
    {"hmac-sha1", Digest::sha1, 20, false},       {"hmac-sha1-etm@openssh.com", Digest::sha1, 20, true}};

const MacRow* mac_row(std::string_view name) {
  const auto* const it = std::ranges::find(kMacs, name, &MacRow::name);
  return it == std::end(kMacs) ? nullptr : it;
}

const EVP_CIPHER* counter_cipher(std::string_view name) {
  return name == "aes128-ctr"   ? EVP_aes_128_ctr()
         : name == "aes192-ctr" ? EVP_aes_192_ctr()
         : name == "aes256-ctr" ? EVP_aes_256_ctr()
                                : nullptr;
}

}  // namespace

bool is_sealing(std::string_view cipher) {
  return cipher == "chacha20-poly1305@openssh.com" || cipher == "aes128-gcm@openssh.com" ||
         cipher == "aes256-gcm@openssh.com";
}

bool can_use(std::string_view cipher, std::string_view mac) {
  return is_sealing(cipher) || (counter_cipher(cipher) && mac_row(mac));
}

PacketCipher::PacketCipher() : method_(std::make_unique<InClear>()) {}
PacketCipher::~PacketCipher() = default;
PacketCipher::PacketCipher(PacketCipher&&) noexcept = default;
PacketCipher& PacketCipher::operator=(PacketCipher&&) noexcept = default;

Result<> PacketCipher::change(std::string_view cipher, std::string_view mac, const KeySource& keys,
                              std::string_view letters, bool seals, bool from_zero) {
  if (from_zero) count_ = 0;
  if (cipher == "chacha20-poly1305@openssh.com") {
    method_ = std::make_unique<ChaCha>(keys(letters[1], 64));
    return {};
  }
  if (is_sealing(cipher)) {
    const std::size_t size = cipher.starts_with("aes128") ? 16 : 32;
    const std::string key = keys(letters[1], size);
    crypto::EvpAeadCtx ctx(EVP_AEAD_CTX_new(size == 16 ? EVP_aead_aes_128_gcm() : EVP_aead_aes_256_gcm(),
                                            octets(key), key.size(), 16));
    if (!ctx) return fail(kCryptoCall, crypto::drain_errors());
    method_ = std::make_unique<Gcm>(std::move(ctx), keys(letters[0], 12));
    return {};
  }
  const EVP_CIPHER* const kind = counter_cipher(cipher);
  const MacRow* const row = mac_row(mac);
  if (!kind || !row) return fail(kCryptoCall, "a cipher that is not implemented");
  crypto::EvpCipherCtx ctx(EVP_CIPHER_CTX_new());
  const std::string key = keys(letters[1], EVP_CIPHER_key_length(kind)), iv = keys(letters[0], 16);
  if (!ctx || EVP_CipherInit_ex(ctx.get(), kind, nullptr, octets(key), octets(iv), seals ? 1 : 0) != 1)
    return fail(kCryptoCall, crypto::drain_errors());
  method_ =
      std::make_unique<CounterMode>(std::move(ctx), row->digest, keys(letters[2], row->key_bytes), row->etm);
  return {};
}

Result<std::string> PacketCipher::seal(std::string_view payload) {
  TRY(std::string out, method_->seal(payload, count_));
  ++count_;
  return out;
}

Result<std::optional<std::string>> PacketCipher::open(Buffer& in) {
  TRY(auto out, method_->open(in, count_));
  if (out) ++count_;
  return out;
}

}  // namespace sally::ssh
