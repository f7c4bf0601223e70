#include "proto/ike/transforms.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sally::ike {
namespace {

using enum Strength;
constexpr std::string_view kBroken = "broken by trying all keys, since 1998",
                           kSweet32 = "64-bit blocks: Sweet32, since 2016", kNoSeal = "nothing is encrypted",
                           kMd5 = "MD5, MUST NOT since RFC 8247 of 2017",
                           kSha1 = "SHA-1, on its way out since RFC 8247 of 2017",
                           kLogjam = "within reach of states: Logjam, since 2015",
                           kTiny = "broken with some computers: Logjam, since 2015",
                           kSmall = "below 112 bits of strength, SHOULD NOT since RFC 8247 of 2017",
                           kTrap = "a prime of unknown origin, SHOULD NOT since RFC 8247 of 2017",
                           kShortCurve = "a curve below 112 bits of strength";

// clang-format off
constexpr TransformFacts kAll[] = {
    {{kEncryption, 20, 128}, "AES-GCM", "AES-GCM-128", sound, {}, true},
    {{kEncryption, 20, 192}, "AES-GCM", "AES-GCM-192", sound, {}, true},
    {{kEncryption, 20, 256}, "AES-GCM", "AES-GCM-256", sound, {}, true},
    {{kEncryption, 19, 128}, "AES-GCM with 12 octets", "AES-GCM-12-128", sound, {}, true},
    {{kEncryption, 19, 192}, "AES-GCM with 12 octets", "AES-GCM-12-192", sound, {}, true},
    {{kEncryption, 19, 256}, "AES-GCM with 12 octets", "AES-GCM-12-256", sound, {}, true},
    {{kEncryption, 18, 128}, "AES-GCM with 8 octets", "AES-GCM-8-128", old, "a seal of 64 bits", true},
    {{kEncryption, 18, 192}, "AES-GCM with 8 octets", "AES-GCM-8-192", old, "a seal of 64 bits", true},
    {{kEncryption, 18, 256}, "AES-GCM with 8 octets", "AES-GCM-8-256", old, "a seal of 64 bits", true},
    {{kEncryption, 28, 0}, "ChaCha20-Poly1305", "ChaCha20-Poly1305", sound, {}, true},
    {{kEncryption, 16, 128}, "AES-CCM", "AES-CCM-128", sound, {}, true},
    {{kEncryption, 16, 192}, "AES-CCM", "AES-CCM-192", sound, {}, true},
    {{kEncryption, 16, 256}, "AES-CCM", "AES-CCM-256", sound, {}, true},
    {{kEncryption, 15, 128}, "AES-CCM with 12 octets", "AES-CCM-12-128", sound, {}, true},
    {{kEncryption, 15, 256}, "AES-CCM with 12 octets", "AES-CCM-12-256", sound, {}, true},
    {{kEncryption, 14, 128}, "AES-CCM with 8 octets", "AES-CCM-8-128", old, "a seal of 64 bits", true},
    {{kEncryption, 14, 256}, "AES-CCM with 8 octets", "AES-CCM-8-256", old, "a seal of 64 bits", true},
    {{kEncryption, 12, 128}, "AES-CBC", "AES-CBC-128"},
    {{kEncryption, 12, 192}, "AES-CBC", "AES-CBC-192"},
    {{kEncryption, 12, 256}, "AES-CBC", "AES-CBC-256"},
    {{kEncryption, 13, 128}, "AES-CTR", "AES-CTR-128"},
    {{kEncryption, 13, 192}, "AES-CTR", "AES-CTR-192"},
    {{kEncryption, 13, 256}, "AES-CTR", "AES-CTR-256"},
    {{kEncryption, 23, 128}, "Camellia-CBC", "Camellia-CBC-128"},
    {{kEncryption, 23, 192}, "Camellia-CBC", "Camellia-CBC-192"},
    {{kEncryption, 23, 256}, "Camellia-CBC", "Camellia-CBC-256"},
    {{kEncryption, 3, 0}, "3DES", "3DES", weak, kSweet32},
    {{kEncryption, 7, 128}, "Blowfish", "Blowfish-128", weak, kSweet32},
    {{kEncryption, 6, 128}, "CAST", "CAST-128", weak, kSweet32},
    {{kEncryption, 2, 0}, "DES", "DES", broken, kBroken},
    {{kEncryption, 11, 0}, "NULL", "NULL", broken, kNoSeal},
    {{kPrf, 5, 0}, "HMAC-SHA-256", "HMAC-SHA-256"},
    {{kPrf, 6, 0}, "HMAC-SHA-384", "HMAC-SHA-384"},
    {{kPrf, 7, 0}, "HMAC-SHA-512", "HMAC-SHA-512"},
    {{kPrf, 8, 0}, "AES-CMAC", "AES-CMAC"},
    {{kPrf, 4, 0}, "AES-XCBC", "AES-XCBC"},
    {{kPrf, 2, 0}, "HMAC-SHA-1", "HMAC-SHA-1", old, kSha1},
    {{kPrf, 1, 0}, "HMAC-MD5", "HMAC-MD5", weak, kMd5},
    {{kIntegrity, 12, 0}, "HMAC-SHA-256-128", "HMAC-SHA-256-128"},
    {{kIntegrity, 13, 0}, "HMAC-SHA-384-192", "HMAC-SHA-384-192"},
    {{kIntegrity, 14, 0}, "HMAC-SHA-512-256", "HMAC-SHA-512-256"},
    {{kIntegrity, 8, 0}, "AES-CMAC-96", "AES-CMAC-96"},
    {{kIntegrity, 5, 0}, "AES-XCBC-96", "AES-XCBC-96"},
    {{kIntegrity, 2, 0}, "HMAC-SHA-1-96", "HMAC-SHA-1-96", old, kSha1},
    {{kIntegrity, 1, 0}, "HMAC-MD5-96", "HMAC-MD5-96", weak, kMd5},
    {{kGroup, 31, 0}, "x25519", "x25519"},
    {{kGroup, 19, 0}, "P-256", "P-256"},
    {{kGroup, 20, 0}, "P-384", "P-384"},
    {{kGroup, 21, 0}, "P-521", "P-521"},
    {{kGroup, 32, 0}, "x448", "x448"},
    {{kGroup, 14, 0}, "MODP-2048", "MODP-2048"},
    {{kGroup, 15, 0}, "MODP-3072", "MODP-3072"},
    {{kGroup, 16, 0}, "MODP-4096", "MODP-4096"},
    {{kGroup, 17, 0}, "MODP-6144", "MODP-6144"},
    {{kGroup, 18, 0}, "MODP-8192", "MODP-8192"},
    {{kGroup, 28, 0}, "brainpoolP256r1", "brainpoolP256r1"},
    {{kGroup, 29, 0}, "brainpoolP384r1", "brainpoolP384r1"},
    {{kGroup, 30, 0}, "brainpoolP512r1", "brainpoolP512r1"},
    {{kGroup, 35, 0}, "ML-KEM-512", "ML-KEM-512", sound, {}, false, true},
    {{kGroup, 36, 0}, "ML-KEM-768", "ML-KEM-768", sound, {}, false, true},
    {{kGroup, 37, 0}, "ML-KEM-1024", "ML-KEM-1024", sound, {}, false, true},
    {{kGroup, 5, 0}, "MODP-1536", "MODP-1536", weak, kSmall},
    {{kGroup, 23, 0}, "MODP-2048-224", "MODP-2048-224", weak, kTrap},
    {{kGroup, 24, 0}, "MODP-2048-256", "MODP-2048-256", weak, kTrap},
    {{kGroup, 26, 0}, "P-224", "P-224", old, "a curve of 112 bits of strength"},
    {{kGroup, 27, 0}, "brainpoolP224r1", "brainpoolP224r1", old, "a curve of 112 bits of strength"},
    {{kGroup, 25, 0}, "P-192", "P-192", weak, kShortCurve},
    {{kGroup, 2, 0}, "MODP-1024", "MODP-1024", broken, kLogjam},
    {{kGroup, 22, 0}, "MODP-1024-160", "MODP-1024-160", broken, kLogjam},
    {{kGroup, 1, 0}, "MODP-768", "MODP-768", broken, kTiny},
};

struct ShareRow {
  std::uint16_t group;
  std::size_t bytes;
};
constexpr ShareRow kShares[] = {{1, 96},   {2, 128},  {5, 192},  {14, 256}, {15, 384}, {16, 512}, {17, 768}, {18, 1024}, {19, 64},
                                {20, 96},  {21, 132}, {22, 128}, {23, 256}, {24, 256}, {25, 48},  {26, 56},  {27, 56},   {28, 64},
                                {29, 96},  {30, 128}, {31, 32},  {32, 56},  {35, 800}, {36, 1184}, {37, 1568}};

struct VendorRow {
  std::string_view id, name;
};
using std::string_view_literals::operator""sv;
/// The first octets; some have versions behind them.
constexpr VendorRow kVendors[] = {
    {"\x88\x2f\xe5\x6d\x6f\xd2\x0d\xbc\x22\x51\x61\x3b\x2e\xbe\x5b\xeb"sv, "strongSwan"},
    {"\x1e\x2b\x51\x69\x05\x99\x1c\x7d\x7c\x96\xfc\xbf\xb5\x87\xe4\x61"sv, "Microsoft Windows"},
    {"\x12\xf5\xf2\x8c\x45\x71\x68\xa9\x70\x2d\x9f\xe2\x74\xcc"sv, "Cisco Unity"},
    {"\x82\x99\x03\x17\x57\xa3\x60\x82\xc6\xa6\x21\xde"sv, "FortiGate"},
    {"\x09\x00\x26\x89\xdf\xd6\xb7\x12"sv, "XAUTH"},
    {"\xaf\xca\xd7\x13\x68\xa1\xf1\xc9\x6b\x86\x96\xfc\x77\x57\x01\x00"sv, "dead peer detection"},
    {"\x4a\x13\x1c\x81\x07\x03\x58\x45\x5c\x57\x28\xf2\x0e\x95\x45\x2f"sv, "NAT traversal (RFC 3947)"},
    {"\x40\x48\xb7\xd5\x6e\xbc\xe8\x85\x25\xe7\xde\x7f\x00\xd6\xc2\xd3"sv, "fragmentation"},
};
// clang-format on

std::string_view kind_of(std::uint8_t type) {
  switch (type) {
    case kEncryption:
      return "encryption";
    case kPrf:
      return "PRF";
    case kIntegrity:
      return "integrity";
    default:
      return "group";
  }
}

}  // namespace

std::span<const TransformFacts> all_transforms() { return kAll; }

const TransformFacts* facts_of(const Transform& one) {
  Transform wanted = one;
  if (wanted.type >= kAdditional1) wanted.type = kGroup;
  const auto* const found = std::ranges::find(kAll, wanted, &TransformFacts::transform);
  return found == std::end(kAll) ? nullptr : found;
}

std::string name_of(const Transform& one) {
  if (const TransformFacts* const facts = facts_of(one)) return std::string(facts->name);
  const std::string bits = one.key_bits == 0 ? "" : fmt::format(" with {} bits", one.key_bits);
  return fmt::format("{} {}{}", kind_of(one.type), one.id, bits);
}

std::size_t share_bytes(std::uint16_t group) {
  const auto* const found = std::ranges::find(kShares, group, &ShareRow::group);
  return found == std::end(kShares) ? 0 : found->bytes;
}

std::string vendor_name(std::string_view id) {
  constexpr std::size_t kShown = 64;
  for (const VendorRow& row : kVendors)
    if (id.starts_with(row.id)) return std::string(row.name);
  const std::string_view part = id.substr(0, kShown);
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!part.empty() && std::ranges::all_of(part, printable)) return std::string(part);
  std::string out;
  for (const char c : part) out += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  return out;
}

}  // namespace sally::ike
