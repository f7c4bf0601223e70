#include "crypto/raw_signer.h"

#include <openssl/bn.h>
#include <openssl/mem.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>

namespace sally::crypto {
namespace {

constexpr std::size_t kMostRsaBytes = 16384 / 8 + 1;

BignumPtr number(Bytes bytes) { return BignumPtr(BN_bin2bn(as_u8(bytes), bytes.size(), nullptr)); }

/// d mod (prime - 1).
BignumPtr remainder(const BIGNUM& d, const BIGNUM& prime) {
  const Owned<BN_CTX, BN_CTX_free> scratch(BN_CTX_new());
  BignumPtr less(BN_dup(&prime)), out(BN_new());
  if (!scratch || !less || !out || BN_sub_word(less.get(), 1) != 1 ||
      BN_mod(out.get(), &d, less.get(), scratch.get()) != 1)
    return nullptr;
  return out;
}

}  // namespace

Result<RawSigner> RawSigner::ed25519(Bytes seed) {
  EvpKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, as_u8(seed), seed.size()));
  if (!key) return fail(kBadRawKey, drain_errors());
  return RawSigner(std::move(key));
}

Result<RawSigner> RawSigner::rsa(const RsaNumbers& numbers) {
  for (const Bytes one : {numbers.n, numbers.e, numbers.d, numbers.p, numbers.q})
    if (one.empty() || one.size() > kMostRsaBytes)
      return fail(kBadRawKey, "RSA numbers of an impossible length");
  BignumPtr n = number(numbers.n), e = number(numbers.e), d = number(numbers.d), p = number(numbers.p),
            q = number(numbers.q);
  if (!n || !e || !d || !p || !q || BN_is_zero(p.get()) || BN_is_zero(q.get()))
    return fail(kBadRawKey, drain_errors());
  const BignumPtr dp = remainder(*d, *p), dq = remainder(*d, *q);
  const Owned<BN_CTX, BN_CTX_free> scratch(BN_CTX_new());
  const BignumPtr inverse(scratch ? BN_mod_inverse(nullptr, q.get(), p.get(), scratch.get()) : nullptr);
  if (!dp || !dq || !inverse) return fail(kBadRawKey, drain_errors());
  const Owned<RSA, RSA_free> rsa(
      RSA_new_private_key(n.get(), e.get(), d.get(), p.get(), q.get(), dp.get(), dq.get(), inverse.get()));
  EvpKey key(EVP_PKEY_new());
  if (!rsa || !key || RSA_check_key(rsa.get()) != 1 || EVP_PKEY_set1_RSA(key.get(), rsa.get()) != 1)
    return fail(kBadRawKey, drain_errors());
  return RawSigner(std::move(key));
}

Result<std::string> RawSigner::sign(Bytes text, Digest digest) const {
  const bool edwards = EVP_PKEY_id(key_.get()) == EVP_PKEY_ED25519;
  const EVP_MD* const method = edwards                    ? nullptr
                               : digest == Digest::sha256 ? EVP_sha256()
                               : digest == Digest::sha512 ? EVP_sha512()
                                                          : EVP_sha1();
  const EvpDigestCtx ctx(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!ctx || EVP_DigestSignInit(ctx.get(), nullptr, method, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(ctx.get(), nullptr, &size, as_u8(text), text.size()) != 1)
    return fail(kCryptoCall, drain_errors());
  std::string out(size, '\0');
  if (EVP_DigestSign(ctx.get(), reinterpret_cast<std::uint8_t*>(out.data()), &size, as_u8(text),
                     text.size()) != 1)
    return fail(kCryptoCall, drain_errors());
  out.resize(size);
  return out;
}

Result<std::string> pem_block(std::string_view text, std::string_view name) {
  const BioPtr in(BIO_new_mem_buf(text.data(), static_cast<ossl_ssize_t>(text.size())));
  for (;;) {
    char *raw_name = nullptr, *raw_head = nullptr;
    std::uint8_t* raw = nullptr;
    long size = 0;
    if (!in || PEM_read_bio(in.get(), &raw_name, &raw_head, &raw, &size) != 1)
      return fail(kBadRawKey, "no block of " + std::string(name) + "; " + drain_errors());
    const Owned<char, OPENSSL_free> its_name(raw_name), head(raw_head);
    const Owned<std::uint8_t, OPENSSL_free> bytes(raw);
    if (its_name.get() == name)
      return std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size));
  }
}

}  // namespace sally::crypto
