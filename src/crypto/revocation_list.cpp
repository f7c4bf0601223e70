#include "crypto/revocation_list.h"

#include <openssl/bytestring.h>

#include <algorithm>
#include <array>

namespace sally::crypto {
namespace {

using AlgorithmPtr = Owned<X509_ALGOR, X509_ALGOR_free>;
using TypePtr = Owned<ASN1_TYPE, ASN1_TYPE_free>;
using TimePtr = Owned<ASN1_TIME, ASN1_TIME_free>;
using PointsPtr = Owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;
using PlacePtr = Owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;

// RFC 5280 5.2 and 5.3: extensions that this reader understands, as DER of their ids.
constexpr std::array<std::uint8_t, 3> kReasonCode = {0x55, 0x1d, 21}, kIssuingPoint = {0x55, 0x1d, 28};
constexpr CBS_ASN1_TAG kExtensions = CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;

std::unexpected<Error> bad(std::string why) {
  ERR_clear_error();
  return fail(kBadRevocationList, std::move(why));
}

/// One object of the library from the element at the front, which is taken.
template <typename Ptr, auto Read>
Ptr take_object(CBS& in) {
  CBS element;
  if (CBS_get_any_asn1_element(&in, &element, nullptr, nullptr) != 1) return nullptr;
  const std::uint8_t* at = CBS_data(&element);
  Ptr out(Read(nullptr, &at, static_cast<long>(CBS_len(&element))));
  ERR_clear_error();
  return at == CBS_data(&element) + CBS_len(&element) ? std::move(out) : nullptr;
}

std::optional<WallTime> take_time(CBS& in) {
  const TimePtr time = take_object<TimePtr, d2i_ASN1_TIME>(in);
  std::int64_t posix = 0;
  if (!time || ASN1_TIME_to_posix(time.get(), &posix) != 1) return std::nullopt;
  return WallTime(std::chrono::seconds(std::clamp<std::int64_t>(posix, 0, 9'000'000'000)));
}

bool next_is_time(const CBS& in) {
  return CBS_peek_asn1_tag(&in, CBS_ASN1_UTCTIME) == 1 ||
         CBS_peek_asn1_tag(&in, CBS_ASN1_GENERALIZEDTIME) == 1;
}

struct Extension {
  CBS id, value;
  bool critical;
};

/// The extension at the front of `list`; nullopt: it breaks the grammar.
std::optional<Extension> take_extension(CBS& list) {
  CBS one;
  Extension out{};
  int critical = 0;
  if (CBS_get_asn1(&list, &one, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_get_asn1(&one, &out.id, CBS_ASN1_OBJECT) != 1 ||
      (CBS_peek_asn1_tag(&one, CBS_ASN1_BOOLEAN) == 1 && CBS_get_asn1_bool(&one, &critical) != 1) ||
      CBS_get_asn1(&one, &out.value, CBS_ASN1_OCTETSTRING) != 1 || CBS_len(&one) != 0)
    return std::nullopt;
  out.critical = critical != 0;
  return out;
}

/// What stands between the brackets of a signed list.
struct Parts {
  CBS body;       ///< with its tag: what is signed
  CBS algorithm;  ///< with its tag
  CBS signature;  ///< likewise
};

std::optional<Parts> split(Bytes der) {
  CBS in, whole;
  Parts out{};
  CBS_init(&in, reinterpret_cast<const std::uint8_t*>(der.data()), der.size());
  if (CBS_get_asn1(&in, &whole, CBS_ASN1_SEQUENCE) != 1 || CBS_len(&in) != 0 ||
      CBS_get_asn1_element(&whole, &out.body, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_get_asn1_element(&whole, &out.algorithm, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_get_asn1_element(&whole, &out.signature, CBS_ASN1_BITSTRING) != 1 || CBS_len(&whole) != 0)
    return std::nullopt;
  return out;
}

bool is_signed_by(Parts parts, const Certificate& issuer) {
  const auto algorithm = take_object<AlgorithmPtr, d2i_X509_ALGOR>(parts.algorithm);
  const auto signature = take_object<Asn1StringPtr, d2i_ASN1_BIT_STRING>(parts.signature);
  const auto body = take_object<TypePtr, d2i_ASN1_TYPE>(parts.body);
  EVP_PKEY* const key = X509_get0_pubkey(issuer.handle());
  const bool good =
      algorithm && signature && body && key &&
      ASN1_item_verify(ASN1_ITEM_rptr(ASN1_ANY), algorithm.get(), signature.get(), body.get(), key) == 1;
  ERR_clear_error();
  return good;
}

std::vector<std::string> urls_of(const DIST_POINT_NAME* name) {
  std::vector<std::string> out;
  if (!name || name->type != 0) return out;
  for (std::size_t i = 0; i < sk_GENERAL_NAME_num(name->name.fullname); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(name->name.fullname, i);
    if (one->type != GEN_URI) continue;
    const ASN1_STRING* const text = one->d.uniformResourceIdentifier;
    out.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  return out;
}

/// RFC 5280 6.3.3 b: is this list for certificates like `about`? Empty: yes; else why not.
std::string wrong_place(CBS value, const Certificate& about) {
  const PlacePtr place = take_object<PlacePtr, d2i_ISSUING_DIST_POINT>(value);
  if (!place) return "its place of distribution cannot be read";
  if (place->onlyCA == ASN1_BOOLEAN_TRUE || place->onlyattr == ASN1_BOOLEAN_TRUE)
    return "it is not for servers";
  if (place->indirectCRL == ASN1_BOOLEAN_TRUE || place->onlysomereasons) return "it is a list of a rare kind";
  const std::vector<std::string> theirs = urls_of(place->distpoint), ours = crl_urls(about);
  if (!place->distpoint || std::ranges::find_first_of(theirs, ours) != theirs.end()) return {};
  return "it is for another place of distribution";
}

/// Empty: all is understood; else why not.
std::string wrong_extensions(CBS tagged, const Certificate& about) {
  CBS list;
  if (CBS_get_asn1(&tagged, &list, CBS_ASN1_SEQUENCE) != 1) return "its extensions break the grammar";
  while (CBS_len(&list) != 0) {
    const auto one = take_extension(list);
    if (!one) return "an extension breaks the grammar";
    if (CBS_mem_equal(&one->id, kIssuingPoint.data(), kIssuingPoint.size()) == 1) {
      if (std::string why = wrong_place(one->value, about); !why.empty()) return why;
    } else if (one->critical) {  // RFC 5280 5.2: such a list must not be used
      return "it holds a critical extension that is not known here";
    }
  }
  return {};
}

/// Of an entry. Empty: none, or it cannot be read.
std::string reason_of(CBS entry) {
  CBS list;
  if (CBS_get_asn1(&entry, &list, CBS_ASN1_SEQUENCE) != 1) return {};
  while (CBS_len(&list) != 0) {
    auto one = take_extension(list);
    if (!one) break;
    CBS code;
    std::uint8_t value = 0;
    if (CBS_mem_equal(&one->id, kReasonCode.data(), kReasonCode.size()) == 1 &&
        CBS_get_asn1(&one->value, &code, CBS_ASN1_ENUMERATED) == 1 && CBS_get_u8(&code, &value) == 1 &&
        CBS_len(&code) == 0)
      return revocation_reason(value);
  }
  return {};
}

/// The serial number as DER has it.
std::string serial_bytes(const Certificate& certificate) {
  std::uint8_t* der = nullptr;
  const int n = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate.handle()), &der);
  std::string out(reinterpret_cast<const char*>(der), n > 0 ? static_cast<std::size_t>(n) : 0);
  OPENSSL_free(der);
  return out;
}

/// False: an entry breaks the grammar.
bool search(CBS entries, const Certificate& about, RevocationList& out) {
  const std::string wanted = serial_bytes(about);
  while (CBS_len(&entries) != 0) {
    CBS entry, serial;
    if (CBS_get_asn1(&entries, &entry, CBS_ASN1_SEQUENCE) != 1 ||
        CBS_get_asn1_element(&entry, &serial, CBS_ASN1_INTEGER) != 1)
      return false;
    ++out.entries;
    if (CBS_mem_equal(&serial, reinterpret_cast<const std::uint8_t*>(wanted.data()), wanted.size()) != 1)
      continue;
    out.revoked = true;
    out.revoked_at = take_time(entry);
    out.reason = reason_of(entry);
    return true;
  }
  return true;
}

bool names_issuer(CBS& body, const Certificate& issuer) {
  const X509NamePtr name = take_object<X509NamePtr, d2i_X509_NAME>(body);
  return name && X509_NAME_cmp(name.get(), X509_get_subject_name(issuer.handle())) == 0;
}

}  // namespace

Result<RevocationList> read_revocation_list(Bytes der, const Certificate& about, const Certificate& issuer) {
  auto parts = split(der);
  if (!parts) return bad("it is no CRL in DER");
  CBS outer = parts->body, body, algorithm, entries, extensions;
  std::uint64_t version = 0;
  // RFC 5280 5.1.2.1: a list with extensions is of version 2, which is written as 1.
  if (CBS_get_asn1(&outer, &body, CBS_ASN1_SEQUENCE) != 1 ||
      (CBS_peek_asn1_tag(&body, CBS_ASN1_INTEGER) == 1 && CBS_get_asn1_uint64(&body, &version) != 1) ||
      version > 1 || CBS_get_asn1_element(&body, &algorithm, CBS_ASN1_SEQUENCE) != 1)
    return bad("its head breaks the grammar");
  if (CBS_mem_equal(&algorithm, CBS_data(&parts->algorithm), CBS_len(&parts->algorithm)) != 1)
    return bad("it names two algorithms of signature");
  if (!names_issuer(body, issuer)) return bad("it is of another authority");
  RevocationList out;
  const auto begun = take_time(body);
  if (!begun) return bad("its date cannot be read");
  out.this_update = *begun;
  if (next_is_time(body)) out.next_update = take_time(body);
  if (CBS_peek_asn1_tag(&body, CBS_ASN1_SEQUENCE) == 1) {
    if (CBS_get_asn1(&body, &entries, CBS_ASN1_SEQUENCE) != 1 || !search(entries, about, out))
      return bad("an entry breaks the grammar");
  }
  if (CBS_peek_asn1_tag(&body, kExtensions) == 1) {
    if (CBS_get_asn1(&body, &extensions, kExtensions) != 1) return bad("its extensions break the grammar");
    if (std::string why = wrong_extensions(extensions, about); !why.empty()) return bad(std::move(why));
  }
  if (CBS_len(&body) != 0) return bad("something stands behind its end");
  if ((X509_get_key_usage(issuer.handle()) & X509v3_KU_CRL_SIGN) == 0)
    return bad("its authority may not sign such lists");
  if (!is_signed_by(*parts, issuer)) return bad("its signature is not the issuer's");
  return out;
}

std::vector<std::string> crl_urls(const Certificate& certificate) {
  const PointsPtr points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate.handle(), NID_crl_distribution_points, nullptr, nullptr)));
  ERR_clear_error();
  std::vector<std::string> out;
  if (!points) return out;
  for (std::size_t i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* const one = sk_DIST_POINT_value(points.get(), i);
    if (one->CRLissuer) continue;
    for (std::string& url : urls_of(one->distpoint)) out.push_back(std::move(url));
  }
  return out;
}

std::string revocation_reason(int code) {
  constexpr std::array<const char*, 11> kNames = {
      "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
      "superseded",    "cessationOfOperation", "certificateHold", "",
      "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
  const bool known = code >= 0 && static_cast<std::size_t>(code) < kNames.size() && code != 7;
  return known ? kNames[static_cast<std::size_t>(code)] : "reason " + std::to_string(code);
}

}  // namespace sally::crypto
