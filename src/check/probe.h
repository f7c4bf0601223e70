// check/probe.h - what a probe is: it asks a server something and writes down what happened.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "check/dialer.h"
#include "check/observations.h"
#include "check/target.h"
#include "crypto/chain.h"
#include "loop/task.h"

namespace sally::check {

struct Roots;

/// What a probe works with, for one address.
struct Examination {
  Loop& loop;
  const Target& target;
  Dialer& dialer;
  std::uint16_t http_port;                   ///< where plain HTTP is looked for; 0: nowhere
  std::size_t page_bytes;                    ///< of a page, unpacked, that are read at most
  const crypto::CertificateChain* identity;  ///< a client certificate to show when asked; null: none
  bool quick;  ///< few connections: the least that tells what is wrong most often
  Observations& seen;
  bool thorough = false;         ///< also what needs more connections and hardly ever finds a fault
  const Roots* roots = nullptr;  ///< never null in a run
  bool outside = false;          ///< servers that the certificate names may be asked
  std::size_t crl_bytes = 0;     ///< of a CRL, at most
  const ssh::Credentials* login = nullptr;  ///< of a user of an SSH server; null: none
  bool kept_out = false;  ///< the server answers nothing any more: there is no use in going on

  void not_tested(std::string id, std::string reason) const {
    seen.not_tested.push_back({std::move(id), std::move(reason)});
  }
};

struct Probe {
  std::string_view id;
  unsigned stage;  ///< probes of one stage run side by side, after those of the stages before
  /// Has it anything to ask, by what is known? One that has not is left out silently.
  bool (*applies)(const Examination&);
  Task<Unit> (*run)(Examination&);
};

/// Every probe there is.
std::span<const Probe> all_probes();

}  // namespace sally::check
