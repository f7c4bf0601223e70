#include "crypto/certificate.h"

#include <openssl/pem.h>

#include <algorithm>
#include <string_view>

namespace sally::crypto {
namespace {

WallTime wall_time(const ASN1_TIME* time) {
  constexpr auto kFirst =
      std::chrono::duration_cast<std::chrono::seconds>(WallTime::min().time_since_epoch());
  constexpr auto kLast = std::chrono::duration_cast<std::chrono::seconds>(WallTime::max().time_since_epoch());
  std::int64_t posix = 0;
  // A date that cannot be read must never make a certificate valid: it ends before all others.
  if (time == nullptr || ASN1_TIME_to_posix(time, &posix) != 1) return WallTime::min();
  return WallTime(std::chrono::seconds(std::clamp<std::int64_t>(posix, kFirst.count(), kLast.count())));
}

std::string name_text(const X509_NAME* name) {
  auto out = writing_bio();
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!out || X509_NAME_print_ex(out->get(), name, 0, kFlags) < 0) {
    ERR_clear_error();
    return {};
  }
  return bio_text(**out);
}

std::string common_name_of(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  std::uint8_t* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) {
    ERR_clear_error();
    return {};
  }
  std::string out(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return out;
}

Result<Certificate> read_der(const std::uint8_t*& at, std::size_t size) {
  X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(size)));
  if (!x509) return fail(kNotACertificate, drain_errors());
  return Certificate(std::move(x509));
}

Result<std::vector<Certificate>> parse_pem(Bytes file, CertificateLimits limits) {
  TRY(const BioPtr in, reading_bio(file));
  std::vector<Certificate> out;
  for (;;) {
    X509Ptr x509(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!x509) break;
    if (out.size() == limits.count)
      return fail(kCertificateTooLarge, "more than " + std::to_string(limits.count) + " certificates");
    out.emplace_back(std::move(x509));
  }
  const std::uint32_t why = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) == PEM_R_NO_START_LINE;
  const std::string text = drain_errors();
  if (!at_end) return fail(kNotACertificate, "PEM block " + std::to_string(out.size() + 1) + ": " + text);
  if (out.empty()) return fail(kNotACertificate, "there is no BEGIN CERTIFICATE block");
  return out;
}

}  // namespace

Certificate::Certificate(const Certificate& o) : x509_(o.x509_.get()) {
  if (x509_) X509_up_ref(x509_.get());
}

Certificate& Certificate::operator=(const Certificate& o) {
  if (this != &o) *this = Certificate(o);
  return *this;
}

Result<Certificate> Certificate::from_der(Bytes der) {
  const std::uint8_t* at = as_u8(der);
  const std::uint8_t* const end = at + der.size();
  if (der.size() > CertificateLimits{}.bytes) return fail(kCertificateTooLarge, std::to_string(der.size()));
  TRY(Certificate out, read_der(at, der.size()));
  if (at != end) return fail(kNotACertificate, "bytes follow the certificate");
  return out;
}

std::string Certificate::der() const {
  std::uint8_t* bytes = nullptr;
  const int size = i2d_X509(handle(), &bytes);
  if (size < 0) return {};
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

std::string Certificate::pem() const {
  auto out = writing_bio();
  if (!out || PEM_write_bio_X509(out->get(), handle()) != 1) return {};
  return bio_text(**out);
}

std::string Certificate::subject() const { return name_text(X509_get_subject_name(handle())); }
std::string Certificate::issuer() const { return name_text(X509_get_issuer_name(handle())); }
std::string Certificate::common_name() const { return common_name_of(X509_get_subject_name(handle())); }
std::string Certificate::issuer_common_name() const { return common_name_of(X509_get_issuer_name(handle())); }

std::string Certificate::serial() const {
  const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(handle()), nullptr));
  char* digits = number ? BN_bn2hex(number.get()) : nullptr;
  std::string out = digits ? digits : "";
  OPENSSL_free(digits);
  return out;
}

WallTime Certificate::not_before() const {
  const WallTime time = wall_time(X509_get0_notBefore(handle()));
  return time == WallTime::min() ? WallTime::max() : time;
}
WallTime Certificate::not_after() const { return wall_time(X509_get0_notAfter(handle())); }

KeyFacts Certificate::key() const {
  const EvpKey key(X509_get_pubkey(handle()));
  if (key) return key_facts(*key);
  ERR_clear_error();
  return {KeyType::other, 0, "of a kind that is not supported", true};
}

std::string Certificate::signature_algorithm() const {
  const char* name = OBJ_nid2ln(X509_get_signature_nid(handle()));
  return name ? name : "unknown";
}

bool Certificate::has_weak_signature() const {
  if (is_self_signed()) return false;
  int digest = NID_undef;
  if (OBJ_find_sigid_algs(X509_get_signature_nid(handle()), &digest, nullptr) != 1) return false;
  return digest == NID_md5 || digest == NID_sha1 || digest == NID_md4 || digest == NID_md5_sha1;
}

Sha256 Certificate::fingerprint() const { return sha256(der()); }

Sha256 Certificate::spki_hash() const {
  std::uint8_t* bytes = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(handle()), &bytes);
  const Sha256 out = sha256(
      sally::as_bytes(std::span<const std::uint8_t>(bytes, size < 0 ? 0 : static_cast<std::size_t>(size))));
  OPENSSL_free(bytes);
  return out;
}

bool Certificate::is_ca() const { return (X509_get_extension_flags(handle()) & EXFLAG_CA) != 0; }

bool Certificate::is_self_signed() const {
  if (X509_NAME_cmp(X509_get_subject_name(handle()), X509_get_issuer_name(handle())) != 0) return false;
  const EvpKey key(X509_get_pubkey(handle()));
  const bool verified = key && X509_verify(handle(), key.get()) == 1;
  ERR_clear_error();
  return verified;
}

bool Certificate::is_signed_by(const Certificate& issuer) const {
  if (X509_check_issued(issuer.handle(), handle()) != X509_V_OK) return false;
  const EvpKey key(X509_get_pubkey(issuer.handle()));
  const bool verified = key && X509_verify(handle(), key.get()) == 1;
  ERR_clear_error();
  return verified;
}

Result<std::vector<Certificate>> parse_certificates(Bytes file, CertificateLimits limits) {
  if (file.size() > limits.bytes)
    return fail(kCertificateTooLarge,
                std::to_string(file.size()) + " bytes; the limit is " + std::to_string(limits.bytes));
  if (file.empty()) return fail(kNotACertificate, "the file is empty");
  if (as_text(file).find("-----BEGIN") != std::string_view::npos) return parse_pem(file, limits);
  if (file.front() != std::byte{0x30})  // DER: a SEQUENCE
    return fail(kNotACertificate, "there is no BEGIN CERTIFICATE line, and it is no DER");
  TRY(Certificate one, Certificate::from_der(file));
  std::vector<Certificate> out;
  out.push_back(std::move(one));
  return out;
}

}  // namespace sally::crypto
