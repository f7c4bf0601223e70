// crypto/owned.h - owns the TLS library's objects (AWS-LC: OpenSSL's names). Only here is SSL_free spelled.
#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pool.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace sally::crypto {

template <auto Free>
struct Freed {
  void operator()(auto* p) const noexcept { Free(p); }
};
template <typename T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;

struct FreeCertificates {  // the stack owns its elements
  void operator()(STACK_OF(X509) * p) const noexcept { sk_X509_pop_free(p, X509_free); }
};

using SslCtx = Owned<SSL_CTX, SSL_CTX_free>;
using Ssl = Owned<SSL, SSL_free>;
using SslSession = Owned<SSL_SESSION, SSL_SESSION_free>;
using CryptoBuffer = Owned<CRYPTO_BUFFER, CRYPTO_BUFFER_free>;

using X509Ptr = Owned<X509, X509_free>;
using X509NamePtr = Owned<X509_NAME, X509_NAME_free>;
using X509StorePtr = Owned<X509_STORE, X509_STORE_free>;
using X509StoreCtxPtr = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;
using X509StackPtr = std::unique_ptr<STACK_OF(X509), FreeCertificates>;
using X509ExtensionPtr = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using GeneralNamesPtr = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using GeneralNamePtr = Owned<GENERAL_NAME, GENERAL_NAME_free>;
using AccessPtr = Owned<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>;
using AuthorityKeyIdPtr = Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;
using BasicConstraintsPtr = Owned<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using StringsPtr = Owned<STACK_OF(OPENSSL_STRING), X509_email_free>;

using Asn1IntegerPtr = Owned<ASN1_INTEGER, ASN1_INTEGER_free>;
using Asn1StringPtr = Owned<ASN1_STRING, ASN1_STRING_free>;
using Asn1TimePtr = Owned<ASN1_TIME, ASN1_TIME_free>;
using BignumPtr = Owned<BIGNUM, BN_free>;

using EvpKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using EvpKeyCtx = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using EvpDigestCtx = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using EvpCipherCtx = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using EvpAeadCtx = Owned<EVP_AEAD_CTX, EVP_AEAD_CTX_free>;
using HmacCtx = Owned<HMAC_CTX, HMAC_CTX_free>;
using BioPtr = Owned<BIO, BIO_free>;

inline constexpr ErrorKind kCryptoCall{"crypto.call_failed",
                                       Blame::our_bug,
                                       Retry::never,
                                       "a call into the TLS library failed that should not",
                                       "report the detail to the maintainers",
                                       "",
                                       80,
                                       500};

/// Empties the calling thread's error queue into one line: "reason; reason".
/// Call it right after the failure, or the queue blames the next caller.
std::string drain_errors();

/// A read-only view of `text` as the library's input; `text` must outlive it.
Result<BioPtr> reading_bio(Bytes text);
/// An empty memory sink; bio_text() copies out what was written to it.
Result<BioPtr> writing_bio();
std::string bio_text(BIO& bio);

}  // namespace sally::crypto
