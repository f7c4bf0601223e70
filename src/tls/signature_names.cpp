#include "tls/signature_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace sally::tls {
namespace {

constexpr SignatureName kRows[] = {
    {0x0403, "ecdsa_secp256r1_sha256", false},
    {0x0503, "ecdsa_secp384r1_sha384", false},
    {0x0603, "ecdsa_secp521r1_sha512", false},
    {0x0804, "rsa_pss_rsae_sha256", false},
    {0x0805, "rsa_pss_rsae_sha384", false},
    {0x0806, "rsa_pss_rsae_sha512", false},
    {0x0807, "ed25519", false},
    {0x0808, "ed448", false},
    {0x0809, "rsa_pss_pss_sha256", false},
    {0x080a, "rsa_pss_pss_sha384", false},
    {0x080b, "rsa_pss_pss_sha512", false},
    {0x0401, "rsa_pkcs1_sha256", false},
    {0x0501, "rsa_pkcs1_sha384", false},
    {0x0601, "rsa_pkcs1_sha512", false},
    {0x0708, "sm2sig_sm3", false},
    {0x081a, "ecdsa_brainpoolP256r1tls13_sha256", false},
    {0x081b, "ecdsa_brainpoolP384r1tls13_sha384", false},
    {0x081c, "ecdsa_brainpoolP512r1tls13_sha512", false},
    {0x0904, "mldsa44", false},
    {0x0905, "mldsa65", false},
    {0x0906, "mldsa87", false},
    {0x0303, "ecdsa_sha224", false},
    {0x0301, "rsa_pkcs1_sha224", false},
    {0x0203, "ecdsa_sha1", true},
    {0x0201, "rsa_pkcs1_sha1", true},
    {0x0402, "dsa_sha256", true},
    {0x0502, "dsa_sha384", true},
    {0x0602, "dsa_sha512", true},
    {0x0302, "dsa_sha224", true},
    {0x0202, "dsa_sha1", true},
    {0x0101, "rsa_pkcs1_md5", true},
};

const SignatureName* row_of(std::uint16_t code) {
  const auto* const found = std::ranges::find(kRows, code, &SignatureName::code);
  return found == std::end(kRows) ? nullptr : found;
}

}  // namespace

std::span<const SignatureName> registered_signatures() { return kRows; }

std::string signature_name(std::uint16_t code) {
  const SignatureName* const row = row_of(code);
  return row ? row->name : fmt::format("{:#06x}", code);
}

bool is_weak_signature(std::uint16_t code) {
  const SignatureName* const row = row_of(code);
  return row && row->weak;
}

}  // namespace sally::tls
