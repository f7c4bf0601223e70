// check/mail_facts.h - what a domain says to those who send it mail: its hosts (MX), what it demands
// (MTA-STS), where reports go (TLS-RPT).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "check/mta_sts.h"
#include "check/observations.h"
#include "check/rule.h"
#include "loop/task.h"
#include "net/dns_ask.h"

namespace sally::check {

struct MailFacts {
  std::string domain;
  std::vector<std::string> hosts;  ///< by preference; the domain itself if it has no MX (RFC 5321 5.1)
  bool takes_no_mail = false;      ///< a null MX (RFC 7505)
  /// Of several addresses and hosts one tells what is about the domain as a whole.
  bool tells_of_domain = false;

  std::optional<std::string> sts_id;                ///< empty: no record; absent: not known
  std::string sts_trouble;                          ///< why record or policy is of no use; empty: it is
  std::optional<MtaStsPolicy> policy;               ///< absent: none, or sts_trouble
  std::optional<std::vector<std::string>> reports;  ///< where they go; empty: nowhere; absent: not known
  std::string reports_trouble;
  std::vector<NotTested> not_tested;
};

/// How the policy's host is reached.
struct PolicyFetch {
  const Roots& roots;
  std::string address;  ///< numeric, instead of what DNS says; empty: DNS
  std::chrono::milliseconds connect, answer;
};

/// Asks DNS for MX, MTA-STS and TLS-RPT of `domain`, and the policy's host for the policy.
/// Errors: net.resolver_failed, net.bad_dns_answer when the MX records cannot be had.
/// source  RFC 8461 3.1, 3.3 (one record; no redirects; the certificate must be valid), RFC 8460 3
Task<Result<MailFacts>> gather_mail(Loop& loop, const DnsServers& servers, std::string domain,
                                    const PolicyFetch& fetch);

}  // namespace sally::check
