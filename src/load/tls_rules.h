// load/tls_rules.h - how one thread's connections to one origin shake hands, and whom they believe.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "crypto/owned.h"
#include "load/plan.h"

namespace sally::load {

// clang-format off
inline constexpr ErrorKind kNotTrusted{"load.not_trusted", Blame::upstream, Retry::never,
    "the server's certificate does not prove that it is the one that was wanted",
    "name the authority that signed it with --ca, correct the host, or say --insecure if that does not matter",
    "RFC 9525 6", -1, 0};
// clang-format on

/// A chain is verified once and then known by its bytes; that the server has the key is proven in every
/// handshake that is not resumed. Not thread-safe.
class TlsRules {
 public:
  /// Takes groups, signatures, speech, handshakes, roots of `plan`. Errors: crypto.call_failed; load.bad_plan
  /// for groups that the library does not know.
  static Result<std::unique_ptr<TlsRules>> make(const Plan& plan, const std::string& host);
  TlsRules(const TlsRules&) = delete;
  TlsRules& operator=(const TlsRules&) = delete;

  /// For one connection: name set, ready for SSL_set_bio. `session`: to be resumed, or null. `fresh`: where
  /// the newest session that the server gives to this connection is kept; outlives it.
  Result<crypto::Ssl> start(SSL_SESSION* session, crypto::SslSession& fresh) const;
  /// Why the last server was not believed; empty: it was, or something else went wrong.
  const std::string& distrust() const { return distrust_; }

 private:
  TlsRules() = default;
  Result<> set_up(const Plan& plan);
  bool believe(const SSL& ssl);
  std::string judge(const SSL& ssl) const;

  crypto::SslCtx context_;
  std::string host_, known_, distrust_;
  std::vector<const crypto::TrustStore*> roots_;
};

/// What a handshake came to, in words: "TLS 1.3", "X25519MLKEM768" and so on.
struct TlsFacts {
  std::string version = {}, suite = {}, group = {}, signature = {}, alpn = {};
};
TlsFacts facts_of(const SSL& ssl);

}  // namespace sally::load
