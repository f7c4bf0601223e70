// net/dns_message.h - questions to a DNS resolver and its answers as they go over the wire, for records that
// the system's resolver does not give out.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace sally {

inline constexpr ErrorKind kBadDnsAnswer{"net.bad_dns_answer",
                                         Blame::upstream,
                                         Retry::later,
                                         "the answer of the DNS resolver breaks the grammar",
                                         "ask another resolver",
                                         "RFC 1035 4.1",
                                         -1,
                                         502};

enum class DnsType : std::uint16_t {
  a = 1,
  cname = 5,
  mx = 15,
  txt = 16,
  aaaa = 28,
  sshfp = 44,
  tlsa = 52,
  caa = 257
};

struct DnsRecord {
  std::string data;  ///< RDATA as it came; of MX and CNAME: the name in text, without the last dot
  std::uint16_t preference = 0;  ///< of MX
};

struct DnsAnswer {
  unsigned code = 0;               ///< RCODE; 3: there is no such name
  bool truncated = false;          ///< there is more by TCP
  bool authenticated = false;      ///< the resolver says that it has checked the signatures (RFC 4035 3.2.3)
  std::vector<DnsRecord> records;  ///< of the type that was asked for
};

inline constexpr std::size_t kMostDnsRecords = 256;

/// A question that asks for recursion and for the resolver's word on signatures (RFC 6840 5.7), ready for UDP
/// up to 1232 bytes of answer. Empty: `name` is no DNS name.
std::string dns_question(std::string_view name, DnsType type);

/// The answers of type `type`, whatever aliases led to them. Records beyond kMostDnsRecords are left out.
/// Errors: net.bad_dns_answer.
/// source  RFC 1035 4.1; names are followed through at most 128 labels and only backwards
Result<DnsAnswer> read_dns_answer(Bytes message, DnsType type);

}  // namespace sally
