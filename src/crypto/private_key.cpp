#include "crypto/private_key.h"

#include <openssl/mem.h>
#include <openssl/pem.h>

namespace sally::crypto {
namespace {

constexpr std::size_t kLargestKeyFile = 1 << 20;

/// The library asks for a password only when the key is locked; that it asked is all we want to know.
int refuse_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::string what_is_there(std::string_view text) {
  const std::size_t begin = text.find("-----BEGIN ");
  if (begin == std::string_view::npos) return "there is no BEGIN line";
  std::string_view label = text.substr(begin + 11, 64);
  const std::size_t end = label.find("-----");
  if (end == std::string_view::npos) return "the BEGIN line is broken";
  return "it begins with a " + std::string(label.substr(0, end)) + " block";
}

}  // namespace

PrivateKey::PrivateKey(const PrivateKey& o) : key_(o.key_.get()) {
  if (key_) EVP_PKEY_up_ref(key_.get());
}

PrivateKey& PrivateKey::operator=(const PrivateKey& o) {
  if (this != &o) *this = PrivateKey(o);
  return *this;
}

Result<PrivateKey> PrivateKey::from_pem(Bytes text) {
  if (text.size() > kLargestKeyFile) return fail(kKeyTooLarge, std::to_string(text.size()) + " bytes");
  if (text.empty()) return fail(kNotAKey, "the file is empty");
  TRY(const BioPtr in, reading_bio(text));
  bool asked_for_password = false;
  EvpKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, refuse_password, &asked_for_password));
  if (!key) {
    const std::uint32_t why = ERR_peek_last_error();
    const bool none = ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) == PEM_R_NO_START_LINE;
    const std::string library_says = drain_errors();
    if (asked_for_password) return fail(kKeyEncrypted, what_is_there(as_text(text)));
    return fail(kNotAKey, none ? what_is_there(as_text(text)) : library_says);
  }
  PrivateKey out(std::move(key));
  if (const KeyFacts facts = out.facts(); facts.too_weak) return fail(kKeyTooWeak, facts.text);
  return out;
}

Result<PrivateKey> PrivateKey::generate(NewKey kind) {
  const int id = kind == NewKey::ed25519                        ? EVP_PKEY_ED25519
                 : kind == NewKey::p256 || kind == NewKey::p384 ? EVP_PKEY_EC
                                                                : EVP_PKEY_RSA;
  const EvpKeyCtx making(EVP_PKEY_CTX_new_id(id, nullptr));
  bool ready = making && EVP_PKEY_keygen_init(making.get()) == 1;
  if (ready && id == EVP_PKEY_EC) {
    const int curve = kind == NewKey::p256 ? NID_X9_62_prime256v1 : NID_secp384r1;
    ready = EVP_PKEY_CTX_set_ec_paramgen_curve_nid(making.get(), curve) == 1;
  }
  if (ready && id == EVP_PKEY_RSA) {
    const int bits = kind == NewKey::rsa2048 ? 2048 : kind == NewKey::rsa3072 ? 3072 : 4096;
    ready = EVP_PKEY_CTX_set_rsa_keygen_bits(making.get(), bits) == 1;
  }
  EVP_PKEY* key = nullptr;
  if (!ready || EVP_PKEY_keygen(making.get(), &key) != 1) return fail(kCryptoCall, drain_errors());
  return PrivateKey(EvpKey(key));
}

Result<std::string> PrivateKey::pem() const {
  TRY(const BioPtr out, writing_bio());
  if (PEM_write_bio_PKCS8PrivateKey(out.get(), handle(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return fail(kCryptoCall, drain_errors());
  return bio_text(*out);
}

bool PrivateKey::matches(const Certificate& certificate) const {
  const EvpKey other(X509_get_pubkey(certificate.handle()));
  const bool same = other && EVP_PKEY_cmp(handle(), other.get()) == 1;
  ERR_clear_error();
  return same;
}

}  // namespace sally::crypto
