// tls/client_rules.h - whom a client of ours believes and what it shows of itself: made once, used by many
// connections to one server.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/chain.h"
#include "crypto/owned.h"
#include "crypto/trust_store.h"

namespace sally::tls {

/// One for each server and core: it keeps the newest session for resumption.
class ClientRules {
 public:
  struct Parts {
    std::string name;                 ///< DNS name or address that the certificate must cover; also the SNI
    std::vector<std::string> alpn;    ///< in our order of preference; empty: none is offered
    const crypto::TrustStore* roots;  ///< null: any certificate is believed
    const crypto::CertificateChain* own = nullptr;  ///< shown when the server asks
  };
  /// Errors: crypto.call_failed.
  static Result<std::shared_ptr<ClientRules>> make(const Parts& parts);

  SSL_CTX* handle() const { return context_.get(); }
  const std::string& name() const { return name_; }
  /// A session to resume, given away as TLS 1.3 wants it (RFC 8446 C.4); null: none is kept.
  crypto::SslSession take_session() { return std::move(session_); }
  void keep_session(crypto::SslSession session) { session_ = std::move(session); }

 private:
  ClientRules() = default;

  crypto::SslCtx context_;
  std::string name_;
  crypto::SslSession session_;
};

}  // namespace sally::tls
