// What ngtcp2 asks of cryptography: sealing, opening, masks, the next keys.
#include <openssl/aead.h>

#include <algorithm>
#include <memory>

#include "quic/handshake.h"

namespace sally::quic {
namespace {

EVP_AEAD_CTX* aead_of(const ngtcp2_crypto_aead_ctx& ctx) {
  return static_cast<EVP_AEAD_CTX*>(ctx.native_handle);
}

const Suite& suite_of(const ngtcp2_crypto_ctx& crypto) {
  return *static_cast<const Suite*>(crypto.md.native_handle);
}

int encrypt(std::uint8_t* to, const ngtcp2_crypto_aead*, const ngtcp2_crypto_aead_ctx* key,
            const std::uint8_t* plain, std::size_t plain_size, const std::uint8_t* nonce,
            std::size_t nonce_size, const std::uint8_t* additional, std::size_t additional_size) {
  return seal(*aead_of(*key), to, {plain, plain_size}, {nonce, nonce_size}, {additional, additional_size})
             ? 0
             : NGTCP2_ERR_CALLBACK_FAILURE;
}

int decrypt(std::uint8_t* to, const ngtcp2_crypto_aead*, const ngtcp2_crypto_aead_ctx* key,
            const std::uint8_t* sealed, std::size_t sealed_size, const std::uint8_t* nonce,
            std::size_t nonce_size, const std::uint8_t* additional, std::size_t additional_size) {
  return open(*aead_of(*key), to, {sealed, sealed_size}, {nonce, nonce_size}, {additional, additional_size})
             ? 0
             : NGTCP2_ERR_DECRYPT;
}

int mask(std::uint8_t* to, const ngtcp2_crypto_cipher*, const ngtcp2_crypto_cipher_ctx* key,
         const std::uint8_t* sample) {
  static_cast<const HeaderKey*>(key->native_handle)->mask(sample, to);
  return 0;
}

void forget_aead(ngtcp2_conn*, ngtcp2_crypto_aead_ctx* key, void*) {
  const crypto::EvpAeadCtx owner(aead_of(*key));
  key->native_handle = nullptr;
}

void forget_header_key(ngtcp2_conn*, ngtcp2_crypto_cipher_ctx* key, void*) {
  const std::unique_ptr<HeaderKey> owner(static_cast<HeaderKey*>(key->native_handle));
  key->native_handle = nullptr;
}

Result<PacketKeys> step(const Suite& suite, std::uint32_t version, Bytes secret, std::uint8_t* next) {
  TRY(const Secret after, next_secret(suite, version, secret));
  std::ranges::copy(std::span(after.data(), after.size()), next);
  return derive_keys(suite, version, after.bytes(), false);
}

int update_key(ngtcp2_conn* conn, std::uint8_t* rx_secret, std::uint8_t* tx_secret,
               ngtcp2_crypto_aead_ctx* rx_key, std::uint8_t* rx_iv, ngtcp2_crypto_aead_ctx* tx_key,
               std::uint8_t* tx_iv, const std::uint8_t* rx_before, const std::uint8_t* tx_before,
               std::size_t size, void*) {
  const Suite& suite = suite_of(*ngtcp2_conn_get_crypto_ctx(conn));
  const std::uint32_t version = ngtcp2_conn_get_negotiated_version(conn);
  auto rx = step(suite, version, as_bytes(std::span(rx_before, size)), rx_secret);
  auto tx = step(suite, version, as_bytes(std::span(tx_before, size)), tx_secret);
  if (!rx || !tx) return NGTCP2_ERR_CALLBACK_FAILURE;
  std::ranges::copy(rx->iv, rx_iv);
  std::ranges::copy(tx->iv, tx_iv);
  rx_key->native_handle = rx->aead.release();
  tx_key->native_handle = tx->aead.release();
  return 0;
}

}  // namespace

ngtcp2_crypto_ctx crypto_of(const Suite& suite) {
  ngtcp2_crypto_ctx out{};
  // ngtcp2 gives these back to our callbacks and never looks inside.
  out.aead = {const_cast<EVP_AEAD*>(suite.aead), EVP_AEAD_max_overhead(suite.aead)};
  out.md.native_handle = const_cast<Suite*>(&suite);
  out.hp.native_handle = const_cast<Suite*>(&suite);
  out.max_encryption = suite.most_packets;
  out.max_decryption_failure = suite.most_failed_packets;
  return out;
}

void set_crypto_callbacks(ngtcp2_callbacks& callbacks) {
  callbacks.encrypt = encrypt;
  callbacks.decrypt = decrypt;
  callbacks.hp_mask = mask;
  callbacks.update_key = update_key;
  callbacks.delete_crypto_aead_ctx = forget_aead;
  callbacks.delete_crypto_cipher_ctx = forget_header_key;
}

}  // namespace sally::quic
