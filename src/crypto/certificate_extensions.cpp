// The parts of Certificate that read extensions (RFC 5280 4.2).
#include <arpa/inet.h>
#include <fmt/format.h>

#include <cstring>

#include "base/reader.h"
#include "crypto/certificate.h"
#include "crypto/host_match.h"

namespace sally::crypto {
namespace {

constexpr const char* kSctList = "1.3.6.1.4.1.11129.2.4.2";  // RFC 6962 3.3
constexpr const char* kTlsFeature = "1.3.6.1.5.5.7.1.24";    // RFC 7633 6

std::string_view string_bytes(const ASN1_STRING* s) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)),
          static_cast<std::size_t>(ASN1_STRING_length(s))};
}

/// A name may hold NUL or control bytes to fool whoever prints it.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c > 0x20 && c < 0x7f && c != '\\')
      out += c;
    else
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string address_text(std::string_view bytes) {
  char text[INET6_ADDRSTRLEN];
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if ((bytes.size() != 4 && bytes.size() != 16) || !inet_ntop(family, bytes.data(), text, sizeof text))
    return "(" + std::to_string(bytes.size()) + " bytes that are no address)";
  return text;
}

/// The decoded extension, or null when it is absent or cannot be read.
template <typename T>
T* extension(const Certificate& certificate, int nid) {
  auto* found = static_cast<T*>(X509_get_ext_d2i(certificate.handle(), nid, nullptr, nullptr));
  ERR_clear_error();
  return found;
}

GeneralNamesPtr subject_alt_name(const Certificate& certificate) {
  return GeneralNamesPtr(extension<GENERAL_NAMES>(certificate, NID_subject_alt_name));
}

/// The value of an extension, undecoded; empty when absent.
std::string_view raw_extension(const Certificate& certificate, const char* oid) {
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> id(OBJ_txt2obj(oid, 1));
  const int at = id ? X509_get_ext_by_OBJ(certificate.handle(), id.get(), -1) : -1;
  if (at < 0) return {};
  return string_bytes(X509_EXTENSION_get_data(X509_get_ext(certificate.handle(), at)));
}

std::vector<std::string> access_urls(const Certificate& certificate, int method) {
  std::vector<std::string> out;
  const AccessPtr access(extension<AUTHORITY_INFO_ACCESS>(certificate, NID_info_access));
  if (!access) return out;
  for (std::size_t i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* one = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(one->method) == method && one->location->type == GEN_URI)
      out.push_back(printable(string_bytes(one->location->d.uniformResourceIdentifier)));
  }
  return out;
}

}  // namespace

SubjectNames Certificate::names() const {
  SubjectNames out;
  const GeneralNamesPtr all = subject_alt_name(*this);
  if (!all) return out;
  for (std::size_t i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    switch (name->type) {
      case GEN_DNS:
        out.dns.push_back(printable(string_bytes(name->d.dNSName)));
        break;
      case GEN_IPADD:
        out.addresses.push_back(address_text(string_bytes(name->d.iPAddress)));
        break;
      case GEN_EMAIL:
        out.emails.push_back(printable(string_bytes(name->d.rfc822Name)));
        break;
      case GEN_URI:
        out.uris.push_back(printable(string_bytes(name->d.uniformResourceIdentifier)));
        break;
      default:
        break;
    }
  }
  return out;
}

bool Certificate::covers(std::string_view host) const {
  const GeneralNamesPtr all = subject_alt_name(*this);
  if (!all) return false;
  const auto address = parse_host_address(host);
  for (std::size_t i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS && !address && dns_name_covers(string_bytes(name->d.dNSName), host))
      return true;
    if (name->type == GEN_IPADD && address) {
      const std::string_view presented = string_bytes(name->d.iPAddress);
      if (presented.size() == address->size &&
          std::memcmp(presented.data(), address->bytes.data(), address->size) == 0)
        return true;
    }
  }
  return false;
}

bool Certificate::allows_server() const {
  const std::uint32_t allowed = X509_get_extended_key_usage(handle());
  return (allowed & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0;
}

std::vector<std::string> Certificate::key_usage() const {
  struct Use {
    std::uint32_t bit;
    const char* name;
  };
  static constexpr Use kUses[] = {{X509v3_KU_DIGITAL_SIGNATURE, "digitalSignature"},
                                  {X509v3_KU_NON_REPUDIATION, "contentCommitment"},
                                  {X509v3_KU_KEY_ENCIPHERMENT, "keyEncipherment"},
                                  {X509v3_KU_DATA_ENCIPHERMENT, "dataEncipherment"},
                                  {X509v3_KU_KEY_AGREEMENT, "keyAgreement"},
                                  {X509v3_KU_KEY_CERT_SIGN, "keyCertSign"},
                                  {X509v3_KU_CRL_SIGN, "cRLSign"},
                                  {X509v3_KU_ENCIPHER_ONLY, "encipherOnly"},
                                  {X509v3_KU_DECIPHER_ONLY, "decipherOnly"}};
  std::vector<std::string> out;
  const std::uint32_t bits = X509_get_key_usage(handle());
  if (bits == UINT32_MAX) return out;
  for (const Use& use : kUses)
    if ((bits & use.bit) != 0) out.emplace_back(use.name);
  return out;
}

std::vector<std::string> Certificate::extended_key_usage() const {
  std::vector<std::string> out;
  const Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> all(
      extension<EXTENDED_KEY_USAGE>(*this, NID_ext_key_usage));
  if (!all) return out;
  for (std::size_t i = 0; i < sk_ASN1_OBJECT_num(all.get()); ++i) {
    const ASN1_OBJECT* use = sk_ASN1_OBJECT_value(all.get(), i);
    const int nid = OBJ_obj2nid(use);
    char digits[128];
    if (nid != NID_undef)
      out.emplace_back(OBJ_nid2sn(nid));
    else if (OBJ_obj2txt(digits, sizeof digits, use, 1) > 0)
      out.emplace_back(digits);
  }
  return out;
}

std::vector<std::string> Certificate::ocsp_urls() const { return access_urls(*this, NID_ad_OCSP); }
std::vector<std::string> Certificate::issuer_urls() const { return access_urls(*this, NID_ad_ca_issuers); }

std::size_t Certificate::sct_count() const {
  // RFC 6962 3.3: an OCTET STRING within the extension's OCTET STRING holds the list.
  const std::string_view outer = raw_extension(*this, kSctList);
  if (outer.empty()) return 0;
  const auto* at = reinterpret_cast<const std::uint8_t*>(outer.data());
  const Asn1StringPtr inner(d2i_ASN1_OCTET_STRING(nullptr, &at, static_cast<long>(outer.size())));
  ERR_clear_error();
  if (!inner) return 0;
  Reader whole(sally::as_bytes(string_bytes(inner.get())), 0);
  const auto list = whole.vec16("sct_list");
  if (!list) return 0;
  Reader scts(*list, 0);
  std::size_t count = 0;
  while (!scts.done() && scts.vec16("sct")) ++count;
  return count;
}

bool Certificate::must_staple() const {
  // RFC 7633 6: the feature list holds status_request, which is 5; DER: SEQUENCE { INTEGER 5 }.
  return raw_extension(*this, kTlsFeature).find(std::string_view("\x02\x01\x05", 3)) !=
         std::string_view::npos;
}

}  // namespace sally::crypto
