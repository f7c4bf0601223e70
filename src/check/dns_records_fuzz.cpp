// Any bytes as the data of CAA, TLSA, SSHFP and TXT records.
#include "check/dns_records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally::check;
  const std::string_view data(reinterpret_cast<const char*>(bytes), size);
  static_cast<void>(read_caa(data));
  static_cast<void>(read_txt(data));
  if (const auto one = read_tlsa(data)) {
    static_cast<void>(one->text());
    static_cast<void>(one->is_usable(true));
  }
  if (const auto one = read_sshfp(data)) {
    static_cast<void>(one->text());
    static_cast<void>(one->matches("ssh-ed25519", "SHA256:x"));
  }
  return 0;
}
