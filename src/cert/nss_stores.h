// cert/nss_stores.h - the certificate databases of Chromium and Firefox, through NSS's own certutil.
#pragma once
#include <string>
#include <vector>

#include "cert/trust.h"

namespace sally::cert {

struct NssStore {
  std::string title;   ///< "Chromium", "Firefox (abcd.default)"
  std::string folder;  ///< with cert9.db in it, or about to
};

/// Databases below a home folder: Chromium's shared one always, even when it is not there yet; others that
/// exist: Firefox profiles and the snap and flatpak forms of both.
std::vector<NssStore> nss_stores(const std::string& home);

/// Adds or removes `root` under `name` in all stores below `home`. Without certutil, one report says so.
std::vector<TrustReport> trust_in_nss(const std::string& home, const std::string& name,
                                      const std::string& pem);
std::vector<TrustReport> untrust_in_nss(const std::string& home, const std::string& name);

}  // namespace sally::cert
