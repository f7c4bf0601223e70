#include "crypto/ocsp_answer.h"

#include <openssl/ocsp.h>

#include <algorithm>

namespace sally::crypto {
namespace {

using ResponsePtr = Owned<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using BasicPtr = Owned<OCSP_BASICRESP, OCSP_BASICRESP_free>;

constexpr std::size_t kMostBytes = 64 * 1024;

std::optional<WallTime> time_of(const ASN1_TIME* time) {
  std::int64_t posix = 0;
  if (!time || ASN1_TIME_to_posix(time, &posix) != 1) return std::nullopt;
  // WallTime counts nanoseconds: years up to 2262.
  return WallTime(std::chrono::seconds(std::clamp<std::int64_t>(posix, 0, 9'000'000'000)));
}

bool is_about(const OCSP_SINGLERESP* one, const Certificate& certificate) {
  // RFC 6960 4.1.1: the serial number is one of the parts of CertID; the others name the issuer by hashes.
  ASN1_INTEGER* serial = nullptr;
  auto* const id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(one));
  return OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id) == 1 && serial &&
         ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(certificate.handle())) == 0;
}

OcspAnswer facts_of(OCSP_SINGLERESP* one) {
  int reason = 0;
  ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
  OcspAnswer out;
  switch (OCSP_single_get0_status(one, &reason, &revoked, &from, &until)) {
    case V_OCSP_CERTSTATUS_GOOD:
      out.status = OcspAnswer::Status::good;
      break;
    case V_OCSP_CERTSTATUS_REVOKED:
      out.status = OcspAnswer::Status::revoked;
      out.revoked_at = time_of(revoked);
      break;
    default:
      break;
  }
  out.this_update = time_of(from).value_or(WallTime{});
  out.next_update = time_of(until);
  return out;
}

}  // namespace

Result<OcspAnswer> read_ocsp_answer(Bytes der, const Certificate& about) {
  if (der.size() > kMostBytes) return fail(kBadOcspAnswer, "longer than 64 KiB");
  const BioPtr in(BIO_new_mem_buf(der.data(), static_cast<ossl_ssize_t>(der.size())));
  const ResponsePtr response(in ? d2i_OCSP_RESPONSE_bio(in.get(), nullptr) : nullptr);
  ERR_clear_error();
  if (!response) return fail(kBadOcspAnswer, "it breaks the grammar");
  if (const int status = OCSP_response_status(response.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return fail(kBadOcspAnswer, "the responder says error " + std::to_string(status));
  const BasicPtr basic(OCSP_response_get1_basic(response.get()));
  ERR_clear_error();
  if (!basic) return fail(kBadOcspAnswer, "it is of an unknown kind");
  for (int i = 0; i < OCSP_resp_count(basic.get()); ++i) {
    OCSP_SINGLERESP* const one = OCSP_resp_get0(basic.get(), static_cast<std::size_t>(i));
    if (one && is_about(one, about)) return facts_of(one);
  }
  return fail(kBadOcspAnswer, "it is about another certificate");
}

}  // namespace sally::crypto
