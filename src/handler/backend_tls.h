// handler/backend_tls.h - what the `tls` block of a proxy names, read: authorities, and our own certificate.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "crypto/chain.h"
#include "crypto/trust_store.h"
#include "handler/proxy_config.h"
#include "tls/client_rules.h"
#include "upstream/address.h"

namespace sally::handler {

// clang-format off
inline constexpr ErrorKind kBackendTls{"proxy.tls_unusable", Blame::operator_config, Retry::later,
    "TLS towards the backends cannot be set up", "mend the file that the detail names, or what it says of it",
    "", -1, 0};
// clang-format on

class BackendTls {
 public:
  /// Reads the files that `config` names, if any of the backends is secure.
  /// Errors: proxy.tls_unusable, with the cause.
  static Result<BackendTls> load(const ProxyConfig& config);

  /// For each backend of `config`, in order, of one core. Errors: proxy.tls_unusable, crypto.call_failed.
  static Result<std::vector<std::shared_ptr<tls::ClientRules>>> rules_of(const ProxyConfig& config);

  /// For one backend and core; null if the address is not secure. Errors: crypto.call_failed.
  Result<std::shared_ptr<tls::ClientRules>> rules_for(const upstream::Address& address) const;

 private:
  explicit BackendTls(const BackendTlsConfig& config) : config_(config) {}

  BackendTlsConfig config_;
  std::optional<crypto::TrustStore> roots_;
  std::optional<crypto::CertificateChain> own_;
};

}  // namespace sally::handler
