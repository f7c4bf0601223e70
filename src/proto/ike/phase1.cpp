#include "proto/ike/phase1.h"

#include <fmt/format.h>

#include "base/reader.h"
#include "proto/ike/transforms.h"

namespace sally::ike {
namespace {

constexpr std::uint32_t kIpsec = 1, kIdentityOnly = 1;
constexpr std::uint8_t kIsakmp = 1, kKeyIke = 1, kUserName = 3;
constexpr std::uint16_t kShort = 0x8000;
enum Attribute : std::uint16_t {
  kCipher = 1,
  kHash = 2,
  kMethod = 3,
  kGroupOf = 4,
  kLifeType = 11,
  kLifeTime = 12,
  kKeyBits = 14
};
constexpr std::uint16_t kSeconds = 1, kEightHours = 28800;
constexpr std::size_t kHead = 8;

void put_attribute(std::string& out, std::uint16_t kind, std::uint16_t value) {
  put_u16(out, kShort | kind);
  put_u16(out, value);
}

std::string transform_text(const Phase1& one, std::size_t number, bool last) {
  std::string attributes;
  put_attribute(attributes, kCipher, one.cipher);
  if (one.key_bits != 0) put_attribute(attributes, kKeyBits, one.key_bits);
  put_attribute(attributes, kHash, one.hash);
  put_attribute(attributes, kMethod, one.method);
  put_attribute(attributes, kGroupOf, one.group);
  put_attribute(attributes, kLifeType, kSeconds);
  put_attribute(attributes, kLifeTime, kEightHours);
  std::string out(1, static_cast<char>(last ? 0 : 3));
  out += '\0';
  put_u16(out, static_cast<std::uint16_t>(kHead + attributes.size()));
  out += static_cast<char>(number);
  out += static_cast<char>(kKeyIke);
  put_u16(out, 0);
  return out + attributes;
}

std::string cipher_name(const Phase1& one) {
  switch (one.cipher) {
    case 1:
      return "DES";
    case 5:
      return "3DES";
    case 7:
      return fmt::format("AES-CBC-{}", one.key_bits);
    default:
      return fmt::format("cipher {}", one.cipher);
  }
}

std::string hash_name(std::uint16_t hash) {
  switch (hash) {
    case 1:
      return "MD5";
    case 2:
      return "SHA-1";
    case 4:
      return "SHA-256";
    case 5:
      return "SHA-384";
    case 6:
      return "SHA-512";
    default:
      return fmt::format("hash {}", hash);
  }
}

std::string method_name(std::uint16_t method) {
  switch (method) {
    case 1:
      return "pre-shared key";
    case 3:
      return "RSA signatures";
    case 65001:
      return "pre-shared key with XAUTH";
    default:
      return fmt::format("method {}", method);
  }
}

}  // namespace

bool Phase1::by_shared_key() const { return method == 1 || method == 65001; }

std::string Phase1::text() const {
  return fmt::format("{}, {}, {}, {}", cipher_name(*this), hash_name(hash), name_of({kGroup, group, 0}),
                     method_name(method));
}

std::string sa1_body(std::span<const Phase1> offers) {
  std::string transforms;
  for (std::size_t i = 0; i < offers.size(); ++i)
    transforms += transform_text(offers[i], i + 1, i + 1 == offers.size());
  std::string out;
  put_u32(out, kIpsec);
  put_u32(out, kIdentityOnly);
  put_u16(out, 0);
  put_u16(out, static_cast<std::uint16_t>(kHead + transforms.size()));
  out += '\1';
  out += static_cast<char>(kIsakmp);
  out += '\0';
  out += static_cast<char>(offers.size());
  return out + transforms;
}

Result<Phase1> read_sa1(std::string_view body) {
  Reader in(as_bytes(body), 0);
  TRY_VOID(in.take(8, "situation"));
  TRY_VOID(in.take(6, "proposal"));
  TRY(const std::uint8_t spi, in.u8("length of an SPI"));
  TRY(const std::uint8_t count, in.u8("transforms"));
  TRY_VOID(in.take(spi, "SPI"));
  if (count != 1) return fail(kMalformed, WirePos{in.offset(), -1, "transforms"});
  TRY_VOID(in.take(2, "last transform"));
  TRY(const std::uint16_t size, in.u16("length of a transform"));
  if (size < kHead) return fail(kMalformed, WirePos{in.offset(), -1, "length of a transform"});
  TRY(const Bytes rest, in.take(size - 4u, "transform"));
  Reader inside(rest, 0);
  TRY_VOID(inside.take(4, "number of a transform"));
  Phase1 out;
  while (!inside.done()) {
    TRY(const std::uint16_t kind, inside.u16("attribute"));
    TRY(const std::uint16_t value, inside.u16("attribute value"));
    if ((kind & kShort) == 0) {
      TRY_VOID(inside.take(value, "attribute value"));
      continue;
    }
    switch (kind & ~kShort) {
      case kCipher:
        out.cipher = value;
        break;
      case kKeyBits:
        out.key_bits = value;
        break;
      case kHash:
        out.hash = value;
        break;
      case kMethod:
        out.method = value;
        break;
      case kGroupOf:
        out.group = value;
        break;
      default:
        break;
    }
  }
  return out;
}

std::string identity1_body(std::string_view user) {
  std::string out(1, static_cast<char>(kUserName));
  out.append(3, '\0');  // no protocol and no port: any
  return out + std::string(user);
}

}  // namespace sally::ike
