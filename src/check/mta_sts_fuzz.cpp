// Any text as an MTA-STS policy, its record, and the record of TLS reports.
#include "check/mta_sts.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally::check;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto policy = read_mta_sts_policy(text)) {
    if (policy->mode != MtaStsPolicy::Mode::none && policy->mx.empty()) std::abort();
    static_cast<void>(policy->covers("mx.example.com"));
  }
  static_cast<void>(read_mta_sts_record(text).has_value());
  static_cast<void>(read_tls_rpt_record(text).has_value());
  return 0;
}
