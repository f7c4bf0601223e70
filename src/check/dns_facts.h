// check/dns_facts.h - what DNS says about the certificate of a target: who may issue one (CAA), which one is
// right (TLSA), which host key (SSHFP).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "check/dns_records.h"
#include "check/observations.h"
#include "check/target.h"
#include "loop/task.h"
#include "net/dns_ask.h"

namespace sally::check {

struct DnsFacts {
  struct Caa {
    std::string at;  ///< the name at which they stand; empty: nowhere up to the top
    std::vector<CaaRecord> records;
  };
  struct Tlsa {
    std::string at;        ///< "_443._tcp.example.com"
    bool signed_ = false;  ///< the resolver has checked the signatures of the zone
    std::vector<TlsaRecord> records;
    std::size_t unreadable = 0;
  };
  struct Sshfp {
    std::string at;
    bool signed_ = false;  ///< likewise
    std::vector<SshfpRecord> records;
  };
  std::optional<Caa> caa;      ///< absent: not known
  std::optional<Sshfp> sshfp;  ///< likewise; of SSH only
  std::optional<Tlsa> tlsa;    ///< likewise
  std::vector<NotTested> not_tested;
};

/// Names that DNS knows nothing of by this: addresses, localhost and its kin.
bool is_in_dns(const Target& target);

/// Asks for the records of `target`. Servers that do not vouch are asked nothing: not tested, with the
/// reason. source  RFC 8659 3 (CAA: the name, then each above it), RFC 6698 3 (TLSA), RFC 4255 (SSHFP)
Task<DnsFacts> gather_dns(Loop& loop, const DnsServers& servers, const Target& target);

}  // namespace sally::check
