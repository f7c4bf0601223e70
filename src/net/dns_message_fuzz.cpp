// Any bytes as an answer of a DNS resolver: read or refused; what was read keeps the limits.
#include "net/dns_message.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  const Bytes message = as_bytes(std::span<const std::uint8_t>(bytes, size));
  for (const DnsType type : {DnsType::cname, DnsType::mx, DnsType::txt, DnsType::tlsa, DnsType::caa}) {
    const auto answer = read_dns_answer(message, type);
    if (answer && answer->records.size() > kMostDnsRecords) std::abort();
  }
  return 0;
}
