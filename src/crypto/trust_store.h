// crypto/trust_store.h - a set of roots, and whether a chain leads to one of them (RFC 5280 6).
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/certificate.h"

namespace sally::crypto {

/// What path validation said. The host is not part of it: ask Certificate::covers().
struct TrustVerdict {
  bool trusted = false;
  int code = 0;                   ///< X509_V_ERR_*, for decisions; X509_V_OK when trusted
  std::string why;                ///< "unable to get local issuer certificate"; empty when trusted
  std::string at;                 ///< the certificate it is about; empty when trusted
  std::vector<Certificate> path;  ///< from the leaf to the root, as far as it was found
};

/// Immutable once made; all threads may verify with it.
class TrustStore {
 public:
  /// Trusts exactly `roots`. Errors: crypto.call_failed.
  static Result<TrustStore> of(std::span<const Certificate> roots);

  /// Is there a path from `leaf` over any of `others` to a root, valid at `now`, for a TLS server?
  TrustVerdict verify(const Certificate& leaf, std::span<const Certificate> others, WallTime now) const;

  std::size_t size() const { return size_; }
  X509_STORE* handle() const { return store_.get(); }

 private:
  explicit TrustStore(X509StorePtr store, std::size_t size) : store_(std::move(store)), size_(size) {}
  X509StorePtr store_;
  std::size_t size_;
};

}  // namespace sally::crypto
