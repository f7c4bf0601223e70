#include "tls/suite_facts.h"

#include "tls/suite_names.h"

namespace sally::tls {
namespace {

struct Strength {
  std::string_view word;
  unsigned bits;
};
// The first that fits counts, so longer words stand before the words they hold.
constexpr Strength kStrengths[] = {
    {"NULL", 0},           {"RC4_40", 40},        {"RC2_CBC_40", 40}, {"DES40", 40},     {"DES_CBC_40", 40},
    {"DES_CBC_40", 40},    {"RC4_56", 56},        {"RC2_CBC_56", 56}, {"3DES_EDE", 112}, {"DES_CBC", 56},
    {"RC4_128", 128},      {"IDEA_CBC", 128},     {"SEED_CBC", 128},  {"AES_128", 128},  {"AES_256", 256},
    {"CAMELLIA_128", 128}, {"CAMELLIA_256", 256}, {"ARIA_128", 128},  {"ARIA_256", 256}, {"CHACHA20", 256},
    {"SM4", 128},          {"KUZNYECHIK", 256},   {"MAGMA", 256},     {"28147", 256},    {"AEGIS_256", 256},
    {"AEGIS_128L", 128},
};

/// TLS_SHA256_SHA256 (RFC 9150) authenticates and encrypts nothing.
bool integrity_only(std::string_view name) {
  return name == "TLS_SHA256_SHA256" || name == "TLS_SHA384_SHA384";
}

}  // namespace

SuiteFacts suite_facts(std::uint16_t code) {
  SuiteFacts f{.code = code, .name = suite_name(code)};
  if (f.name.empty()) return f;
  const auto has = [&](std::string_view word) { return f.name.contains(word); };
  // RFC 8446 B.4: names of TLS 1.3 have no WITH, because they say nothing about the key exchange.
  f.tls13 = !has("_WITH_");
  f.null_cipher = has("_NULL_") || integrity_only(f.name);
  f.exported = has("_EXPORT");
  f.anonymous = has("_anon_");
  f.preshared = has("PSK") || has("KRB5") || has("_SRP_") || has("PWD_");
  f.dhe = has("_DHE_") || has("_DH_anon_");
  f.forward_secret =
      f.tls13 || (has("DHE_") && !f.exported) || has("_anon_") || has("ECCPWD") || has("GOSTR341112");
  f.rsa_transport = f.name.starts_with("TLS_RSA_");
  f.rc4 = has("RC4");
  f.cbc = has("_CBC") || has("DES40");
  f.block64 = has("DES") || has("IDEA") || has("RC2") || has("28147") || has("MAGMA");
  f.aead = has("GCM") || has("CCM") || has("POLY1305") || has("MGM") || has("AEGIS");
  f.short_tag = has("CCM_8");
  f.md5 = f.name.ends_with("_MD5");
  if (!f.null_cipher)
    for (const Strength& s : kStrengths)
      if (has(s.word)) {
        f.bits = s.bits;
        break;
      }
  return f;
}

}  // namespace sally::tls
