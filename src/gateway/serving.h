// gateway/serving.h - a generation with what the main thread holds for it: sockets and certificates.
#pragma once
#include <memory>
#include <vector>

#include "gateway/duty.h"
#include "gateway/listeners.h"
#include "gateway/site_certificates.h"

namespace sally::gateway {

struct Serving {
  SharedGeneration generation;  ///< the first, because the certificates refer to its settings
  std::vector<OpenPort> ports;
  std::vector<OpenDatagrams> datagrams;
  std::unique_ptr<SiteCertificates> certificates;

  /// Opens the ports and loads the certificates of what comes after `before`, which may be null and of which
  /// nothing is changed.
  /// Errors: net.listen_failed; those of SiteCertificates::make().
  static Result<Serving> prepare(Settings settings, const Serving* before,
                                 std::shared_ptr<const tls::TicketKeys> tickets, ErrorLog& errors,
                                 std::vector<InheritedSocket> inherited = {});

  /// What this worker is to do; it has the sockets of the ports of `before` already. Errors:
  /// net.listen_failed for want of descriptors.
  Result<Duty> duty(std::size_t worker, const Serving* before) const;
};

}  // namespace sally::gateway
