// Any bytes as a CRL: read or refused; nothing may crash or hang.
#include "crypto/issue.h"
#include "crypto/revocation_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  static const crypto::Certificate about = [] {
    const auto key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
    crypto::CertificateDraft draft;
    draft.common_name = "A Root";
    draft.names = {"example.com"};
    draft.not_before = WallClock::now();
    draft.not_after = WallClock::now() + std::chrono::hours(1);
    return crypto::issue(draft, key, {nullptr, key}).value();
  }();
  static_cast<void>(
      crypto::read_revocation_list(as_bytes(std::span<const std::uint8_t>(bytes, size)), about, about)
          .has_value());
  return 0;
}
