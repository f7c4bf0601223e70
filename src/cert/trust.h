// cert/trust.h - installs the local CA's root where clients of this machine look for roots, and removes it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "crypto/certificate.h"

namespace sally::cert {

/// One way in which systems keep extra roots: files in a folder, and a program that makes the bundle.
struct SystemStore {
  std::string title;                 ///< "system store"
  std::string anchors;               ///< the folder
  std::string ending;                ///< ".crt"
  std::vector<std::string> update;   ///< the program with arguments, after a file came
  std::vector<std::string> refresh;  ///< likewise after one went
};

/// The store of this system: Debian and its kin, Fedora and its kin, openSUSE, Arch; nullopt for others.
std::optional<SystemStore> system_store();

/// Where trust() and untrust() work.
struct TrustPlaces {
  std::optional<SystemStore> system;  ///< nullopt: leave it alone
  std::string home;                   ///< whose browsers; empty: leave them alone
};

enum class TrustOutcome : std::uint8_t {
  done,     ///< changed
  already,  ///< it was so before
  failed,   ///< it is not as wanted; the text says why and what to do
};

/// What became of one store.
struct TrustReport {
  std::string store;  ///< "system store", "Chromium", "Firefox (abcd.default)"
  TrustOutcome outcome;
  std::string text;
};

/// Makes every store of `places` trust `root`. `root_file` is named in advice. Chromium's database is made
/// when there is none; Firefox has one for each profile. Blocks while programs run, up to 60 seconds each.
std::vector<TrustReport> trust(const crypto::Certificate& root, const std::string& root_file,
                               const TrustPlaces& places);

/// Takes `root` out of every store of `places`.
std::vector<TrustReport> untrust(const crypto::Certificate& root, const TrustPlaces& places);

/// The name under which stores have `root`: its beginning is the same for all our roots, its end is its own.
std::string trust_name(const crypto::Certificate& root);

}  // namespace sally::cert
