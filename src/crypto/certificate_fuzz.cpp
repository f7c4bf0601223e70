// Any bytes as a certificate file: parsed, described, matched; nothing may crash or hang.
#include "crypto/certificate.h"
#include "crypto/chain.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  const Bytes input = as_bytes(std::span<const std::uint8_t>(bytes, size));
  const auto certificates = crypto::parse_certificates(input);
  static_cast<void>(crypto::PrivateKey::from_pem(input).has_value());
  if (!certificates) return 0;
  for (const crypto::Certificate& one : *certificates) {
    std::size_t sum = one.subject().size() + one.issuer().size() + one.common_name().size() +
                      one.serial().size() + one.names().dns.size() + one.key().text.size() +
                      one.signature_algorithm().size() + one.key_usage().size() +
                      one.extended_key_usage().size() + one.ocsp_urls().size() + one.issuer_urls().size() +
                      one.sct_count();
    sum += one.covers("example.com") + one.covers("::1") + one.must_staple() + one.is_self_signed() +
           one.allows_server() + (one.not_after() > one.not_before());
    if (sum == SIZE_MAX) __builtin_trap();
  }
  static_cast<void>(crypto::path_above(certificates->front(), *certificates));
  return 0;
}
