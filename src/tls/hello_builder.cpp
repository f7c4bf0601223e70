#include "tls/hello_builder.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "crypto/entropy.h"

namespace sally::tls {
namespace {

constexpr std::uint8_t kHandshakeRecord = 22, kClientHello = 1;
enum Extension : std::uint16_t {
  kServerName = 0,
  kStatusRequest = 5,
  kSupportedGroups = 10,
  kPointFormats = 11,
  kSignatureAlgorithms = 13,
  kHeartbeat = 15,
  kAlpn = 16,
  kPadding = 21,
  kEncryptThenMac = 22,
  kExtendedMasterSecret = 23,
  kSessionTicket = 35,
  kSupportedVersions = 43,
  kPskModes = 45,
  kKeyShare = 51,
  kRenegotiationInfo = 0xff01,
};

void put8(std::string& out, std::size_t n) { out += static_cast<char>(n); }
void put16(std::string& out, std::size_t n) {
  put8(out, n >> 8 & 0xff);
  put8(out, n & 0xff);
}
void put24(std::string& out, std::size_t n) {
  put8(out, n >> 16 & 0xff);
  put16(out, n & 0xffff);
}
std::string vec8(std::string_view body) {
  std::string out;
  put8(out, body.size());
  return out.append(body);
}
std::string vec16(std::string_view body) {
  std::string out;
  put16(out, body.size());
  return out.append(body);
}
std::string numbers(const std::vector<std::uint16_t>& list) {
  std::string out;
  for (const std::uint16_t n : list) put16(out, n);
  return out;
}
void extend(std::string& out, Extension type, std::string_view body) {
  put16(out, type);
  out += vec16(body);
}
template <std::size_t N>
std::string random_text() {
  const auto bytes = crypto::random_bytes<N>();
  return std::string(as_text(bytes));
}

std::string server_name_body(const std::string& name) {
  std::string entry(1, '\0');  // host_name
  entry += vec16(name);
  return vec16(entry);
}

std::string alpn_body(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& one : protocols) list += vec8(one);
  return vec16(list);
}

/// RFC 8446 4.2.8. Any 32 bytes are a point of X25519; the other is the generator of P-256 (SP
/// 800-186 3.2.1.3).
std::string made_up_shares() {
  constexpr std::string_view kGenerator(
      "\x04\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0"
      "\xf4\xa1"
      "\x39\x45\xd8\x98\xc2\x96\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33"
      "\x57\x6b"
      "\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5",
      65);
  std::string out;
  put16(out, 0x001d);
  out += vec16(random_text<32>());
  put16(out, 0x0017);
  out += vec16(kGenerator);
  return vec16(out);
}

std::string extensions_of(const HelloOffer& offer) {
  std::string out;
  if (!offer.server_name.empty()) extend(out, kServerName, server_name_body(offer.server_name));
  if (offer.extended_master_secret) extend(out, kExtendedMasterSecret, {});
  if (offer.renegotiation_info) extend(out, kRenegotiationInfo, vec8(offer.verify_data));
  if (!offer.groups.empty()) {
    extend(out, kSupportedGroups, vec16(numbers(offer.groups)));
    extend(out, kPointFormats, vec8(std::string_view("\0", 1)));  // RFC 8422 5.1.2: uncompressed
  }
  if (offer.session_ticket) extend(out, kSessionTicket, {});
  if (!offer.alpn.empty()) extend(out, kAlpn, alpn_body(offer.alpn));
  if (offer.status_request) extend(out, kStatusRequest, std::string_view("\1\0\0\0\0", 5));
  if (!offer.signature_algorithms.empty())
    extend(out, kSignatureAlgorithms, vec16(numbers(offer.signature_algorithms)));
  if (offer.encrypt_then_mac) extend(out, kEncryptThenMac, {});
  if (!offer.versions.empty()) extend(out, kSupportedVersions, vec8(numbers(offer.versions)));
  if (offer.heartbeat) extend(out, kHeartbeat, std::string_view("\1", 1));  // peer_allowed_to_send
  if (offer.empty_key_share || offer.made_up_key_share) {
    extend(out, kKeyShare, offer.made_up_key_share ? made_up_shares() : vec16({}));
    extend(out, kPskModes, vec8(std::string_view("\1", 1)));  // psk_dhe_ke
  }
  return out;
}

}  // namespace

std::string version_name(std::uint16_t version) {
  switch (version) {
    case 0x0002:
      return "SSL 2.0";
    case kSsl3:
      return "SSL 3.0";
    case kTls10:
      return "TLS 1.0";
    case kTls11:
      return "TLS 1.1";
    case kTls12:
      return "TLS 1.2";
    case kTls13:
      return "TLS 1.3";
    default:
      return fmt::format("{:#06x}", version);
  }
}

std::vector<std::uint16_t> HelloOffer::every_signature_algorithm() {
  // The order is modern first: ECDSA, EdDSA, RSA-PSS, RSA PKCS#1, ML-DSA, then SHA-224, SHA-1, DSA, MD5.
  return {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0807,
          0x0808, 0x0809, 0x080a, 0x080b, 0x081a, 0x081b, 0x081c, 0x0904, 0x0905, 0x0906,
          0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0502, 0x0602, 0x0302, 0x0202, 0x0101};
}

std::string build_hello(const HelloOffer& offer) {
  std::string body;
  put16(body, offer.legacy_version);
  body += random_text<32>();
  body += offer.session_id && offer.legacy_version > kSsl3 ? vec8(random_text<32>()) : vec8({});
  body += vec16(numbers(offer.suites));
  std::string methods;
  for (const std::uint8_t method : offer.compressions) put8(methods, method);
  body += vec8(methods);
  if (offer.legacy_version > kSsl3) {
    std::string extensions = extensions_of(offer);
    const std::size_t now = 4 + body.size() + 2 + extensions.size();
    if (offer.pad_to >= now + 4) extend(extensions, kPadding, std::string(offer.pad_to - now - 4, '\0'));
    if (!extensions.empty()) body += vec16(extensions);
  }

  std::string message;
  put8(message, kClientHello);
  put24(message, body.size());
  message += body;
  std::string record;
  put8(record, kHandshakeRecord);
  // RFC 8446 5.1: an initial ClientHello MAY say 0x0301 for compatibility; SSL 3.0 servers want 0x0300.
  put16(record, offer.legacy_version == kSsl3 ? kSsl3 : kTls10);
  return record + vec16(message);
}

std::string build_ssl2_hello() {
  // SSL 2.0, C.3: RC4_128, RC4_128_EXPORT40, RC2_128, RC2_128_EXPORT40, IDEA_128, DES_64, DES_192_EDE3; all
  // with MD5
  constexpr std::string_view kKinds(
      "\x01\x00\x80\x02\x00\x80\x03\x00\x80\x04\x00\x80\x05\x00\x80\x06\x00\x40\x07\x00\xc0", 21);
  std::string body(1, '\1');  // CLIENT-HELLO
  put16(body, 0x0002);
  put16(body, kKinds.size());
  put16(body, 0);  // session id
  put16(body, 16);
  body += kKinds;
  body += random_text<16>();
  std::string out;
  put16(out, 0x8000 | body.size());  // a 2-byte header without padding
  return out + body;
}

}  // namespace sally::tls
