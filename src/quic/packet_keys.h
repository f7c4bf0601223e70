// quic/packet_keys.h - the keys that protect QUIC packets: their derivation, the AEAD, the mask over headers.
#pragma once
#include <openssl/aes.h>
#include <openssl/hmac.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/owned.h"

namespace sally::quic {

inline constexpr std::uint32_t kVersion1 = 0x00000001;  ///< RFC 9000
inline constexpr std::uint32_t kVersion2 = 0x6b3343cf;  ///< RFC 9369

/// What a cipher suite of TLS 1.3 means for packets.
struct Suite {
  const EVP_AEAD* aead;
  const EVP_MD* digest;
  bool chacha;                        ///< masks headers with ChaCha20 instead of AES
  std::uint64_t most_packets;         ///< that one key may seal (RFC 9001 6.6)
  std::uint64_t most_failed_packets;  ///< that may fail to open in the connection's life
};
/// Null for a number that is no suite of TLS 1.3 for QUIC. id: as in the ServerHello, such as 0x1301.
const Suite* suite_of(std::uint16_t id);
/// AES-128-GCM with SHA-256: protects Initial packets (RFC 9001 5.2) and Retry (5.8).
const Suite& initial_suite();

/// A traffic secret of TLS, or what comes of one. At most 48 bytes, wiped when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes);
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret();
  /// `size` <= 48 bytes to be filled in.
  std::span<std::uint8_t> resize(std::size_t size);
  Bytes bytes() const { return std::as_bytes(std::span(bytes_).first(size_)); }
  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return size_; }

 private:
  std::array<std::uint8_t, 48> bytes_{};
  std::size_t size_ = 0;
};

/// HKDF-Expand-Label of one secret, with an empty context (RFC 8446 7.1). The secret itself is hashed once
/// for all labels.
class LabelExpander {
 public:
  LabelExpander(const EVP_MD* digest, Bytes secret);
  LabelExpander(const LabelExpander&) = delete;
  LabelExpander& operator=(const LabelExpander&) = delete;
  ~LabelExpander();
  /// Fills `to`, at most as many bytes as the digest has. Errors: crypto.call_failed.
  Result<> expand(std::string_view label, std::span<std::uint8_t> to);

 private:
  HMAC_CTX keyed_;
  bool ready_;
};

/// Masks and unmasks headers (RFC 9001 5.4). Wiped when it goes.
class HeaderKey {
 public:
  static constexpr std::size_t kMask = 5, kSample = 16;
  /// Errors: crypto.call_failed for a key of a wrong length.
  static Result<std::unique_ptr<HeaderKey>> make(const Suite& suite, std::span<const std::uint8_t> key);
  ~HeaderKey();
  HeaderKey(const HeaderKey&) = delete;
  HeaderKey& operator=(const HeaderKey&) = delete;
  /// sample  kSample bytes of the protected packet.  mask  kMask bytes.
  void mask(const std::uint8_t* sample, std::uint8_t* mask) const;

 private:
  HeaderKey() = default;
  bool chacha_ = false;
  AES_KEY aes_{};
  std::array<std::uint8_t, 32> key_{};
};

inline constexpr std::size_t kIv = 12;

/// What protects one direction at one level.
struct PacketKeys {
  crypto::EvpAeadCtx aead;
  std::array<std::uint8_t, kIv> iv{};
  std::unique_ptr<HeaderKey> header;  ///< null after a key update: the header's key stays (RFC 9001 6)
};
/// Keys of a secret. Errors: crypto.call_failed. Source: RFC 9001 5.1, RFC 9369 3.3.2.
Result<PacketKeys> derive_keys(const Suite& suite, std::uint32_t version, Bytes secret, bool with_header);
/// The secret after this one. Errors: crypto.call_failed. Source: RFC 9001 6.1.
Result<Secret> next_secret(const Suite& suite, std::uint32_t version, Bytes secret);

/// The secrets that the first destination connection id of a client gives.
struct InitialSecrets {
  Secret client, server;
};
/// Errors: crypto.call_failed. Source: RFC 9001 5.2, RFC 9369 3.3.1.
Result<InitialSecrets> initial_secrets(std::uint32_t version, Bytes client_destination);

/// What the integrity tag of a Retry packet is made with. Errors: crypto.call_failed. Source: RFC 9001 5.8.
Result<crypto::EvpAeadCtx> retry_key(std::uint32_t version);

/// Seals `plain` into `to`, which has room for 16 bytes more; may be the same memory. False: it failed.
bool seal(const EVP_AEAD_CTX& key, std::uint8_t* to, std::span<const std::uint8_t> plain,
          std::span<const std::uint8_t> nonce, std::span<const std::uint8_t> additional);
/// Opens `sealed` into `to`, 16 bytes shorter. False: it was changed, or another key is needed.
bool open(const EVP_AEAD_CTX& key, std::uint8_t* to, std::span<const std::uint8_t> sealed,
          std::span<const std::uint8_t> nonce, std::span<const std::uint8_t> additional);

}  // namespace sally::quic
