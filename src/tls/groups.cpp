#include "tls/groups.h"

#include <algorithm>

namespace sally::tls {
namespace {

// IANA, TLS Supported Groups.
constexpr GroupFacts kGroups[] = {
    {0x11ec, "X25519MLKEM768", 192, true, false},
    {0x11eb, "SecP256r1MLKEM768", 192, true, false},
    {0x11ed, "SecP384r1MLKEM1024", 256, true, false},
    {0x0201, "MLKEM768", 192, true, false},
    {0x0202, "MLKEM1024", 256, true, false},
    {0x0200, "MLKEM512", 128, true, false},
    {0x6399, "X25519Kyber768Draft00", 192, true, true},
    {0x639a, "SecP256r1Kyber768Draft00", 192, true, true},
    {0x001d, "x25519", 128, false, false},
    {0x0017, "secp256r1", 128, false, false},
    {0x0018, "secp384r1", 192, false, false},
    {0x001e, "x448", 224, false, false},
    {0x0019, "secp521r1", 256, false, false},
    {0x001f, "brainpoolP256r1tls13", 128, false, false},
    {0x0020, "brainpoolP384r1tls13", 192, false, false},
    {0x0021, "brainpoolP512r1tls13", 256, false, false},
    {0x001a, "brainpoolP256r1", 128, false, false},
    {0x001b, "brainpoolP384r1", 192, false, false},
    {0x001c, "brainpoolP512r1", 256, false, false},
    {0x0029, "curveSM2", 128, false, false},
    {0x0016, "secp256k1", 128, false, false},
    {0x0100, "ffdhe2048", 103, false, false},
    {0x0101, "ffdhe3072", 125, false, false},
    {0x0102, "ffdhe4096", 150, false, false},
    {0x0103, "ffdhe6144", 175, false, false},
    {0x0104, "ffdhe8192", 192, false, false},
    {0x0015, "secp224r1", 112, false, false},
    {0x0014, "secp224k1", 112, false, false},
    {0x0013, "secp192r1", 96, false, false},
    {0x0012, "secp192k1", 96, false, false},
    {0x0010, "secp160r1", 80, false, false},
    {0x0011, "secp160r2", 80, false, false},
    {0x000f, "secp160k1", 80, false, false},
    {0x000e, "sect571r1", 256, false, false},
    {0x000d, "sect571k1", 256, false, false},
    {0x000c, "sect409r1", 192, false, false},
    {0x000b, "sect409k1", 192, false, false},
    {0x000a, "sect283r1", 128, false, false},
    {0x0009, "sect283k1", 128, false, false},
    {0x0008, "sect239k1", 112, false, false},
    {0x0007, "sect233r1", 112, false, false},
    {0x0006, "sect233k1", 112, false, false},
    {0x0005, "sect193r2", 96, false, false},
    {0x0004, "sect193r1", 96, false, false},
    {0x0003, "sect163r2", 80, false, false},
    {0x0002, "sect163r1", 80, false, false},
    {0x0001, "sect163k1", 80, false, false},
};

}  // namespace

std::span<const GroupFacts> registered_groups() { return kGroups; }

const GroupFacts* group_facts(std::uint16_t code) {
  const auto* const found = std::ranges::find(kGroups, code, &GroupFacts::code);
  return found == std::end(kGroups) ? nullptr : found;
}

}  // namespace sally::tls
