// gateway/site_certificates.h - the TLS side of every site: loads, watches and renews certificates, makes contexts.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "cert/certificate_store.h"
#include "cert/local_ca.h"
#include "gateway/error_log.h"
#include "gateway/settings.h"
#include "tls/server_context.h"

namespace sally::gateway {

/// Lives on the main thread. Contexts are immutable; a change makes a new one and hands it on.
class SiteCertificates {
 public:
  using Changed = std::function<void(std::size_t site, std::shared_ptr<const tls::ServerContext>)>;

  /// Loads everything once. Errors: those of certificates and keys, naming file, cause and mend.
  static Result<std::unique_ptr<SiteCertificates>> make(const Settings& settings, std::shared_ptr<const tls::TicketKeys> tickets,
                                                        ErrorLog& errors);

  const std::vector<std::shared_ptr<const tls::ServerContext>>& contexts() const { return contexts_; }
  /// The local CA's certificate, if a site uses it; null if none does.
  const cert::LocalCertificate* local() const { return local_ ? &*local_ : nullptr; }
  /// What a person should know of a site's certificate, in one line: issuer, end.
  std::string describe(std::size_t site) const;

  /// Readable when a certificate file may have changed.
  int watch_fd() const;
  /// Takes up what changed on disk and renews what is due; calls `changed` for each site with a new context.
  void refresh(const Changed& changed);
  /// When refresh() is due at the latest.
  TimePoint next_refresh() const;
};

}  // namespace sally::gateway
