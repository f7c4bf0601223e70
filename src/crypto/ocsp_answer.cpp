#include "crypto/ocsp_answer.h"

#include <openssl/ocsp.h>

#include <algorithm>

#include "base/reader.h"
#include "crypto/revocation_list.h"

namespace sally::crypto {
namespace {

using ResponsePtr = Owned<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using BasicPtr = Owned<OCSP_BASICRESP, OCSP_BASICRESP_free>;

using RequestPtr = Owned<OCSP_REQUEST, OCSP_REQUEST_free>;
using CertIdPtr = Owned<OCSP_CERTID, OCSP_CERTID_free>;

constexpr const char* kSctList = "1.3.6.1.4.1.11129.2.4.5";  // RFC 6962 3.3

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

std::size_t scts_of(OCSP_SINGLERESP* one) {
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> wanted(OBJ_txt2obj(kSctList, 1));
  for (int i = 0; wanted && i < OCSP_SINGLERESP_get_ext_count(one); ++i) {
    X509_EXTENSION* const extension = OCSP_SINGLERESP_get_ext(one, i);
    if (OBJ_cmp(X509_EXTENSION_get_object(extension), wanted.get()) != 0) continue;
    const ASN1_OCTET_STRING* const outer = X509_EXTENSION_get_data(extension);
    const std::uint8_t* at = ASN1_STRING_get0_data(outer);
    const Asn1StringPtr inner(d2i_ASN1_OCTET_STRING(nullptr, &at, ASN1_STRING_length(outer)));
    ERR_clear_error();
    if (!inner) return 0;
    Reader whole(as_bytes(std::span(ASN1_STRING_get0_data(inner.get()),
                                    static_cast<std::size_t>(ASN1_STRING_length(inner.get())))),
                 0);
    const auto list = whole.vec16("sct_list");
    std::size_t count = 0;
    if (!list) return 0;
    for (Reader scts(*list, 0); !scts.done() && scts.vec16("sct");) ++count;
    return count;
  }
  return 0;
}

/// source  RFC 6960 4.2.2.2: signed by the issuer itself, or by one whom it let answer
bool is_vouched_for(OCSP_BASICRESP* basic, const Certificate& issuer) {
  const X509StorePtr store(X509_STORE_new());
  const X509StackPtr certificates(sk_X509_new_null());
  if (!store || !certificates || X509_STORE_add_cert(store.get(), issuer.handle()) != 1) return false;
  X509_up_ref(issuer.handle());
  if (sk_X509_push(certificates.get(), issuer.handle()) == 0) X509_free(issuer.handle());
  // The issuer is an anchor, though most of them are no roots.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  const bool good = OCSP_basic_verify(basic, certificates.get(), store.get(), 0) == 1;
  ERR_clear_error();
  return good;
}

OcspAnswer facts_of(OCSP_SINGLERESP* one) {
  int reason = -1;
  ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
  OcspAnswer out;
  switch (OCSP_single_get0_status(one, &reason, &revoked, &from, &until)) {
    case V_OCSP_CERTSTATUS_GOOD:
      out.status = OcspAnswer::Status::good;
      break;
    case V_OCSP_CERTSTATUS_REVOKED:
      out.status = OcspAnswer::Status::revoked;
      out.revoked_at = time_of(revoked);
      if (reason >= 0) out.reason = revocation_reason(reason);
      break;
    default:
      break;
  }
  out.this_update = time_of(from).value_or(WallTime{});
  out.next_update = time_of(until);
  out.scts = scts_of(one);
  return out;
}

}  // namespace

Result<OcspAnswer> read_ocsp_answer(Bytes der, const Certificate& about, const Certificate* issuer) {
  if (der.size() > kLongestOcspAnswer) return fail(kBadOcspAnswer, "longer than 64 KiB");
  const BioPtr in(BIO_new_mem_buf(der.data(), static_cast<ossl_ssize_t>(der.size())));
  const ResponsePtr response(in ? d2i_OCSP_RESPONSE_bio(in.get(), nullptr) : nullptr);
  ERR_clear_error();
  if (!response) return fail(kBadOcspAnswer, "it breaks the grammar");
  if (const int status = OCSP_response_status(response.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return fail(kBadOcspAnswer, "the responder says error " + std::to_string(status));
  const BasicPtr basic(OCSP_response_get1_basic(response.get()));
  ERR_clear_error();
  if (!basic) return fail(kBadOcspAnswer, "it is of an unknown kind");
  if (issuer && !is_vouched_for(basic.get(), *issuer))
    return fail(kBadOcspAnswer, "neither the issuer signed it nor one whom it let answer");
  for (int i = 0; i < OCSP_resp_count(basic.get()); ++i) {
    OCSP_SINGLERESP* const one = OCSP_resp_get0(basic.get(), static_cast<std::size_t>(i));
    if (one && is_about(one, about)) return facts_of(one);
  }
  return fail(kBadOcspAnswer, "it is about another certificate");
}

Result<std::string> ocsp_question(const Certificate& about, const Certificate& issuer) {
  const RequestPtr request(OCSP_REQUEST_new());
  CertIdPtr id(OCSP_cert_to_id(EVP_sha1(), about.handle(), issuer.handle()));
  if (!request || !id || !OCSP_request_add0_id(request.get(), id.get()))
    return fail(kCryptoCall, drain_errors());
  static_cast<void>(id.release());  // the request has it now
  TRY(const BioPtr out, writing_bio());
  if (i2d_OCSP_REQUEST_bio(out.get(), request.get()) != 1) return fail(kCryptoCall, drain_errors());
  return bio_text(*out);
}

}  // namespace sally::crypto
