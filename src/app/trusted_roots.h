// app/trusted_roots.h - the roots that a command believes: the system's, and those that --ca names.
#pragma once
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "crypto/trust_store.h"

namespace sally::app {

struct TrustedRoots {
  std::optional<crypto::TrustStore> system, named;

  const crypto::TrustStore* of_system() const { return system ? &*system : nullptr; }
  const crypto::TrustStore* of_files() const { return named ? &*named : nullptr; }
};

/// files  named by --ca. A system without roots is told to `err`, unless some are named.
/// Errors: crypto.certificate_file_unusable with its cause, os.*.
Result<TrustedRoots> trusted_roots(const std::vector<std::string>& files, std::ostream& err);

}  // namespace sally::app
