// gateway/site_certificates.h - the TLS side of every site: identities made of certificates that renew and
// reload.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cert/certificate_store.h"
#include "gateway/duty.h"
#include "gateway/error_log.h"
#include "gateway/settings.h"
#include "os/privileges.h"
#include "tls/server_identity.h"

namespace sally::gateway {

/// Lives on the main thread. Identities are immutable; a change makes a new one and hands it on.
class SiteCertificates {
 public:
  using Changed = std::function<void(std::size_t site, SharedIdentity identity)>;

  /// Loads everything once. `settings` and `errors` outlive it. `before`: those of the generation before, or
  /// null; files that only its opener may still read are read by that. Errors: cert.*, crypto.*,
  /// tls.unusable_chain, each naming site, file, cause and mend.
  static Result<std::unique_ptr<SiteCertificates>> make(const Settings& settings,
                                                        std::shared_ptr<const tls::TicketKeys> tickets,
                                                        ErrorLog& errors,
                                                        const SiteCertificates* before = nullptr);

  /// By the site's place in the settings; null for a site that only plain ports serve.
  const SharedIdentity& identity(std::size_t site) const { return identities_[site]; }
  const std::vector<SharedIdentity>& identities() const { return identities_; }
  /// When the first of a site's certificates ends; nullopt for a site that only plain ports serve.
  std::optional<WallTime> ends(std::size_t site) const;
  /// One line for people: names, issuer, end.
  std::string describe(std::size_t site) const;
  /// The local CA when a site uses it, else null.
  const cert::LocalCertificate* local() const { return store_.local(); }

  /// Readable when refresh() should be called; -1: there is no watch, only due().
  int watch_fd() const { return store_.watch_fd(); }
  /// Before root is given up: a small process that may do nothing but open exactly these files reads renewed
  /// ones.
  Result<> keep_reading_as(const Account& account) { return store_.keep_reading_as(account); }
  /// Takes up what changed on disk, renews what is due, and calls `changed` for each site with a new
  /// identity.
  void refresh(const Changed& changed);
  /// How long until refresh() is due in any case.
  Duration due() const { return store_.due_in(WallClock::now()); }

 private:
  SiteCertificates(const Settings& settings, std::shared_ptr<const tls::TicketKeys> tickets, ErrorLog& errors,
                   cert::CertificateStore store, std::vector<std::size_t> sites);
  Result<SharedIdentity> make_identity(std::size_t wish) const;
  void tell_events();

  const Settings& settings_;
  std::shared_ptr<const tls::TicketKeys> tickets_;
  ErrorLog& errors_;
  cert::CertificateStore store_;
  std::vector<std::size_t> sites_;  ///< by the store's index: the site's place in the settings
  std::vector<SharedIdentity> identities_;
};

}  // namespace sally::gateway
