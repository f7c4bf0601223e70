// tls/server_identity.h - what a site shows and accepts in a handshake: chains, versions, suites, groups,
// tickets.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "crypto/chain.h"
#include "crypto/owned.h"
#include "tls/ticket_keys.h"
#include "tls/tls_config.h"

namespace sally::tls {

inline constexpr ErrorKind kUnusableChain{"tls.unusable_chain",
                                          Blame::operator_config,
                                          Retry::never,
                                          "the TLS library refuses a certificate or its key",
                                          "use a P-256, P-384, RSA (2048 bits or more) or Ed25519 key",
                                          "",
                                          -1,
                                          0};

/// What is spoken inside TLS where it is not the web.
struct Application {
  std::string_view alpn;    ///< its name in ALPN (IANA), a literal; empty: it has none
  bool refuses_web = true;  ///< a client that offers the web, and not this, was led here to be deceived
};
/// Where an SSL object keeps a pointer to its Application; none: it is the web.
int application_index();

/// Immutable once made; all cores share it. Sessions keep it alive.
class ServerIdentity {
 public:
  struct Parts {
    const TlsConfig& config;
    std::span<const crypto::CertificateChain* const> chains;  ///< at most one of each key type
    std::string site;                                         ///< what tickets are bound to
    std::shared_ptr<const TicketKeys> tickets;
    bool http2 = true;  ///< offered by ALPN before http/1.1
  };
  /// Errors: tls.unusable_chain, crypto.call_failed.
  static Result<std::shared_ptr<const ServerIdentity>> make(Parts parts);

  SSL_CTX* handle() const { return context_.get(); }
  const TlsConfig& config() const { return config_; }
  const std::string& site() const { return site_; }
  const TicketKeys* tickets() const { return tickets_.get(); }
  bool http2() const { return http2_; }

 private:
  explicit ServerIdentity(const Parts& parts);
  Result<> set_up(const Parts& parts);
  Result<> set_tickets();

  crypto::SslCtx context_;
  TlsConfig config_;
  std::string site_;
  std::shared_ptr<const TicketKeys> tickets_;
  bool http2_;
};

}  // namespace sally::tls
