#include "tls/odd_record.h"

#include <openssl/aead.h>
#include <openssl/aes.h>
#include <openssl/hmac.h>

#include "crypto/entropy.h"
#include "tls/suite_facts.h"

namespace sally::tls {
namespace {

constexpr std::uint16_t kVersion = 0x0303;
constexpr std::size_t kSha1 = 20, kBlock = 16, kSalt = 4, kTag = 16;
constexpr std::size_t kMostPlain = 16384;

const std::uint8_t* octets(std::string_view s) { return reinterpret_cast<const std::uint8_t*>(s.data()); }
std::uint8_t* octets(std::string& s) { return reinterpret_cast<std::uint8_t*>(s.data()); }

std::string number(std::uint64_t n, unsigned bytes) {
  std::string out;
  for (unsigned shift = bytes * 8; shift > 0; shift -= 8) out += static_cast<char>(n >> (shift - 8) & 0xff);
  return out;
}

std::string record(std::uint8_t content_type, const std::string& body) {
  return number(content_type, 1) + number(kVersion, 2) + number(body.size(), 2) + body;
}

/// RFC 5246 6.2.3.1: what the MAC or the AEAD covers before the text.
std::string covered(const ClientSession& s, std::uint8_t content_type, std::size_t size) {
  return number(s.next_sequence(), 8) + number(content_type, 1) + number(kVersion, 2) + number(size, 2);
}

Result<std::string> keys_of(const ClientSession& session, std::size_t needed) {
  std::string out = session.version() == kVersion ? session.key_block() : std::string();
  if (out.size() < needed) return fail(kNoOddRecord, "no keys of TLS 1.2 of this length");
  return out;
}

}  // namespace

Result<std::string> seal_gcm(const ClientSession& session, std::uint8_t content_type,
                             std::string_view plain) {
  const SuiteFacts suite = suite_facts(session.suite());
  if (!suite.name.contains("_AES_") || !suite.name.contains("_GCM_") || plain.size() > kMostPlain)
    return fail(kNoOddRecord, std::string(suite.name));
  const std::size_t size = suite.bits / 8;
  // RFC 5246 6.3: no MAC keys, the client's key first, then the server's, then the fixed parts of the nonces.
  TRY(const std::string keys, keys_of(session, 2 * size + kSalt));
  const EVP_AEAD* const aead = size == 16 ? EVP_aead_aes_128_gcm() : EVP_aead_aes_256_gcm();
  bssl::ScopedEVP_AEAD_CTX box;
  if (EVP_AEAD_CTX_init(box.get(), aead, octets(keys), size, kTag, nullptr) != 1)
    return fail(kNoOddRecord, crypto::drain_errors());
  const std::string explicit_nonce = number(session.next_sequence(), 8);
  const std::string nonce = keys.substr(2 * size, kSalt) + explicit_nonce;
  const std::string extra = covered(session, content_type, plain.size());
  std::string sealed(plain.size() + kTag, '\0');
  std::size_t written = 0;
  if (EVP_AEAD_CTX_seal(box.get(), octets(sealed), &written, sealed.size(), octets(nonce), nonce.size(),
                        octets(plain), plain.size(), octets(extra), extra.size()) != 1)
    return fail(kNoOddRecord, crypto::drain_errors());
  return record(content_type, explicit_nonce + sealed);
}

Result<std::string> seal_cbc(const ClientSession& session, std::uint8_t content_type, std::string_view plain,
                             CbcFlaw flaw) {
  const SuiteFacts suite = suite_facts(session.suite());
  if (!suite.name.contains("_AES_") || !suite.name.ends_with("_CBC_SHA") || plain.size() > kMostPlain)
    return fail(kNoOddRecord, std::string(suite.name));
  const std::size_t size = suite.bits / 8;
  TRY(const std::string keys, keys_of(session, 2 * kSha1 + size));
  std::string text(flaw == CbcFlaw::mac_all_padding ? std::string_view{} : plain);
  const std::string maced = covered(session, content_type, text.size()) + text;
  std::string mac(kSha1, '\0');
  HMAC(EVP_sha1(), keys.data(), kSha1, octets(maced), maced.size(), octets(mac), nullptr);
  if (flaw == CbcFlaw::mac || flaw == CbcFlaw::mac_all_padding) mac[0] = static_cast<char>(mac[0] ^ 1);
  text += mac;
  // A whole block more than is needed, so that there is padding to spoil.
  const std::size_t padding = 2 * kBlock - 1 - text.size() % kBlock;
  text.append(padding + 1, static_cast<char>(padding));
  if (flaw == CbcFlaw::padding) {
    char& spoilt = text[text.size() - padding];
    spoilt = static_cast<char>(spoilt ^ 0x80);
  }
  const auto random = crypto::random_bytes<kBlock>();
  std::string chain(as_text(random));
  const std::string first(chain);
  AES_KEY key;
  if (AES_set_encrypt_key(octets(keys) + 2 * kSha1, static_cast<unsigned>(size * 8), &key) != 0)
    return fail(kNoOddRecord, crypto::drain_errors());
  std::string sealed(text.size(), '\0');
  AES_cbc_encrypt(octets(text), octets(sealed), text.size(), &key, octets(chain), AES_ENCRYPT);
  return record(content_type, first + sealed);
}

}  // namespace sally::tls
