// Any bytes as an OCSP answer: read or refused; nothing may crash or hang.
#include "crypto/ocsp_answer.h"

#include "crypto/issue.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  static const crypto::Certificate about = [] {
    const auto key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
    crypto::CertificateDraft draft;
    draft.common_name = "example.com";
    draft.names = {"example.com"};
    draft.not_before = WallClock::now();
    draft.not_after = WallClock::now() + std::chrono::hours(1);
    return crypto::issue(draft, key, {nullptr, key}).value();
  }();
  const Bytes der = as_bytes(std::span<const std::uint8_t>(bytes, size));
  static_cast<void>(crypto::read_ocsp_answer(der, about, nullptr).has_value());
  static_cast<void>(crypto::read_ocsp_answer(der, about, &about).has_value());
  return 0;
}
