#include "crypto/issue.h"

#include <openssl/bn.h>
#include <openssl/sha.h>

#include <cstring>

#include "crypto/entropy.h"
#include "crypto/host_match.h"

namespace sally::crypto {
namespace {

constexpr std::size_t kMostNames = 200;

Result<> done_or_failed(bool done) {
  if (done) return {};
  return fail(kCryptoCall, drain_errors());
}

/// RFC 5280 4.1.2.2: positive and at most 20 octets; BR 7.1 wants 64 bits of entropy, here are 127.
Result<> set_serial(X509& certificate) {
  auto bytes = random_bytes<16>();
  bytes[0] = (bytes[0] & std::byte{0x7f}) | std::byte{0x01};
  const BignumPtr number(
      BN_bin2bn(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), nullptr));
  const Asn1IntegerPtr serial(number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
  return done_or_failed(serial && X509_set_serialNumber(&certificate, serial.get()) == 1);
}

Result<> set_validity(X509& certificate, const CertificateDraft& draft) {
  const Asn1TimePtr from(ASN1_TIME_set_posix(nullptr, WallClock::to_time_t(draft.not_before)));
  const Asn1TimePtr until(ASN1_TIME_set_posix(nullptr, WallClock::to_time_t(draft.not_after)));
  return done_or_failed(from && until && X509_set1_notBefore(&certificate, from.get()) == 1 &&
                        X509_set1_notAfter(&certificate, until.get()) == 1);
}

bool add_entry(X509_NAME& name, int nid, std::string_view text) {
  return text.empty() || X509_NAME_add_entry_by_NID(&name, nid, MBSTRING_UTF8,
                                                    reinterpret_cast<const std::uint8_t*>(text.data()),
                                                    static_cast<ossl_ssize_t>(text.size()), -1, 0) == 1;
}

Result<> set_names(X509& certificate, const CertificateDraft& draft, const Certificate* issuer) {
  const X509NamePtr subject(X509_NAME_new());
  const bool named = subject && add_entry(*subject, NID_organizationName, draft.organization) &&
                     add_entry(*subject, NID_commonName, draft.common_name) &&
                     X509_set_subject_name(&certificate, subject.get()) == 1;
  TRY_VOID(done_or_failed(named));
  const X509_NAME* by = issuer ? X509_get_subject_name(issuer->handle()) : subject.get();
  return done_or_failed(X509_set_issuer_name(&certificate, const_cast<X509_NAME*>(by)) == 1);
}

Result<GeneralNamePtr> general_name(std::string_view text) {
  const auto address = parse_host_address(text);
  if (!address && !is_dns_name(text, true)) return fail(kBadName, "\"" + std::string(text) + "\"");
  GeneralNamePtr name(GENERAL_NAME_new());
  ASN1_STRING* value =
      name ? ASN1_STRING_type_new(address ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING) : nullptr;
  if (!value) return fail(kCryptoCall, drain_errors());
  GENERAL_NAME_set0_value(name.get(), address ? GEN_IPADD : GEN_DNS, value);
  const bool set =
      address ? ASN1_STRING_set(value, address->bytes.data(), static_cast<ossl_ssize_t>(address->size)) == 1
              : ASN1_STRING_set(value, text.data(), static_cast<ossl_ssize_t>(text.size())) == 1;
  TRY_VOID(done_or_failed(set));
  return name;
}

Result<> add_subject_alt_name(X509& certificate, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  if (names.size() > kMostNames) return fail(kBadName, "more than " + std::to_string(kMostNames) + " names");
  const GeneralNamesPtr all(GENERAL_NAMES_new());
  if (!all) return fail(kCryptoCall, drain_errors());
  for (const std::string& text : names) {
    TRY(GeneralNamePtr name, general_name(text));
    if (sk_GENERAL_NAME_push(all.get(), name.get()) == 0) return fail(kCryptoCall, drain_errors());
    static_cast<void>(name.release());  // the stack owns it now
  }
  return done_or_failed(X509_add1_ext_i2d(&certificate, NID_subject_alt_name, all.get(), 0, 0) == 1);
}

/// An extension in the notation of the library's configuration files.
Result<> add_extension(X509& certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX place;
  X509V3_set_ctx(&place, issuer ? issuer : &certificate, &certificate, nullptr, nullptr, 0);
  const X509ExtensionPtr made(X509V3_EXT_nconf_nid(nullptr, &place, nid, value.c_str()));
  return done_or_failed(made && X509_add_ext(&certificate, made.get(), -1) == 1);
}

Result<> add_extensions(X509& certificate, const CertificateDraft& draft, X509* issuer, KeyType subject_key) {
  // RFC 5280 4.2.1.9, 4.2.1.3: basicConstraints of a CA and keyUsage are critical.
  TRY_VOID(add_extension(
      certificate, issuer, NID_basic_constraints,
      draft.is_ca ? "critical,CA:TRUE,pathlen:" + std::to_string(draft.path_length) : "critical,CA:FALSE"));
  const bool rsa = subject_key == KeyType::rsa;
  TRY_VOID(add_extension(certificate, issuer, NID_key_usage,
                         draft.is_ca ? "critical,keyCertSign,cRLSign"
                         : rsa       ? "critical,digitalSignature,keyEncipherment"
                                     : "critical,digitalSignature"));
  if (!draft.is_ca && (draft.for_server || draft.for_client)) {
    const std::string both = "serverAuth,clientAuth";
    TRY_VOID(add_extension(certificate, issuer, NID_ext_key_usage,
                           draft.for_server && draft.for_client ? both
                           : draft.for_server                   ? "serverAuth"
                                                                : "clientAuth"));
  }
  TRY_VOID(add_extension(certificate, issuer, NID_subject_key_identifier, "hash"));
  TRY_VOID(add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always"));
  if (!draft.issuer_url.empty())
    TRY_VOID(add_extension(certificate, issuer, NID_info_access, "caIssuers;URI:" + draft.issuer_url));
  return add_subject_alt_name(certificate, draft.names);
}

const EVP_MD* digest_for(KeyType signer) {
  switch (signer) {
    case KeyType::ed25519:
    case KeyType::ml_dsa:
      return nullptr;
    case KeyType::p384:
      return EVP_sha384();
    case KeyType::p521:
      return EVP_sha512();
    default:
      return EVP_sha256();
  }
}

}  // namespace

Result<Certificate> issue(const CertificateDraft& draft, const PrivateKey& subject_key, Signer signer) {
  X509Ptr made(X509_new());
  if (!made) return fail(kCryptoCall, drain_errors());
  TRY_VOID(done_or_failed(X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                          X509_set_pubkey(made.get(), subject_key.handle()) == 1));
  TRY_VOID(set_serial(*made));
  TRY_VOID(set_validity(*made, draft));
  TRY_VOID(set_names(*made, draft, signer.certificate));
  X509* const issuer = signer.certificate ? signer.certificate->handle() : nullptr;
  TRY_VOID(add_extensions(*made, draft, issuer, subject_key.facts().type));
  const EVP_MD* digest = digest_for(signer.key.facts().type);
  TRY_VOID(done_or_failed(X509_sign(made.get(), signer.key.handle(), digest) > 0));
  // Parsed afresh, so that what is used is what is written.
  return Certificate::from_der(sally::as_bytes(Certificate(std::move(made)).der()));
}

}  // namespace sally::crypto
