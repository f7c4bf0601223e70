// check/run.h - examines targets: every address of each, all probes, all rules, a grade.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "check/baseline.h"
#include "check/finding.h"
#include "check/grade.h"
#include "check/host_gate.h"
#include "check/observations.h"
#include "check/observatory.h"
#include "check/policy_file.h"
#include "check/rule.h"
#include "check/target.h"
#include "crypto/chain.h"

namespace sally::check {

struct RunLimits {
  std::chrono::milliseconds connect{3000}, answer{4000};  ///< for one of them
  std::chrono::milliseconds address{60000};               ///< for all of one address
  unsigned connections = 250;                             ///< to one address
  std::size_t page_bytes = std::size_t{1} << 20;          ///< of a page, unpacked, that are read
  std::size_t crl_bytes = std::size_t{8} << 20;           ///< of a CRL
  HostLimits host;                                        ///< to one address, of all targets together
  unsigned parallel = 1;                                  ///< targets at once
  unsigned mail_hosts = 16;                               ///< of one domain
  unsigned addresses = 16;                                ///< of one name; the others are named as not tested
};

struct RunPlan {
  std::vector<Target> targets;
  Roots roots;
  bool one_address = false;
  bool thorough = false;  ///< also what needs more connections and hardly ever finds a fault
  std::vector<Resolve> resolve;
  const Proxy* proxy = nullptr;                        ///< null: none
  const crypto::CertificateChain* identity = nullptr;  ///< of the client; null: none
  const ssh::Credentials* login = nullptr;             ///< of a user of SSH servers; null: none
  bool quick = false;
  std::string resolver;     ///< "192.0.2.1:53" instead of the system's, and trusted; empty: the system's
  bool mail_hosts = false;  ///< a target of smtp is a domain: the hosts that take its mail are examined
  bool revocation = true;   ///< the certificate's OCSP responder and CRL are asked
  bool keep = true;         ///< false: run() gives nothing back, on_done has heard of it
  std::string connect_to;   ///< a numeric host to connect to instead of looking the name up; empty: none
  std::optional<std::uint16_t> http_port;  ///< absent: 80 beside 443, none beside other ports; 0: none
  std::string mend_for;                    ///< goes into each Examined
  const Policy* policy = nullptr;          ///< what must hold; null: none
  const Baseline* baseline = nullptr;      ///< findings in it are marked as known
  RunLimits limits;
};

/// One address of one target.
struct Examined {
  Target target;
  std::string address;  ///< "192.0.2.1:443"; empty: the name has none
  Observations seen;
  std::vector<Finding> findings;
  Grade grade = Grade::none;
  std::optional<Observatory> observatory;  ///< absent: no page was seen
  std::chrono::milliseconds took{0};
  std::string mend_for;  ///< software that snippets are wanted for; empty: what was seen

  /// There is something to judge.
  bool tested() const { return seen.spoke(); }
};

/// Blocks until all is done or its limits are reached. `on_done` hears of the addresses of a target as soon
/// as all of them are ready; targets may overtake each other. Errors: loop.system_call, net.no_such_name and
/// net.resolver_failed of the proxy.
Result<std::vector<Examined>> run(const RunPlan& plan,
                                  const std::function<void(const Examined&)>& on_done = {});

}  // namespace sally::check
