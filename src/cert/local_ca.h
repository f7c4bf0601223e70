// cert/local_ca.h - a certificate authority of one's own, so that development has real https.
#pragma once
#include <string>
#include <vector>

#include "base/time.h"
#include "cert/private_folder.h"
#include "crypto/chain.h"

namespace sally::cert {

inline constexpr ErrorKind kLocalCaBroken{"cert.local_ca_broken",
                                          Blame::operator_config,
                                          Retry::never,
                                          "the files of the local CA cannot be used",
                                          "mend them, or remove root.pem and root.key in the folder: a new "
                                          "CA is made, which must then be trusted again",
                                          "",
                                          -1,
                                          0};

/// What the local certificate is for.
struct LocalCaPlan {
  std::string folder;  ///< local_ca_folder(), or another; made when missing
  std::vector<std::string>
      names;          ///< DNS names and addresses beside localhost, *.localhost, 127.0.0.1 and ::1
  std::string owner;  ///< "anna@laptop": stands in the root's name, so that people can tell roots apart
  WallTime now;
};

struct LocalCertificate {
  crypto::CertificateChain chain;
  std::string root_file;   ///< what clients must trust
  std::string leaf_file;   ///< certificate and key in one file, so that they change in one step
  bool made_root = false;  ///< then it has to be trusted before browsers accept the leaf
  bool made_leaf = false;
  WallTime renew_at;               ///< call local_certificate() again then: a third of its life is left
  std::vector<std::string> notes;  ///< what was made, renewed or mended, one sentence each
};

/// The certificate for plan.names, made or renewed as needed.
///
/// The root (P-256, ten years, may sign hosts only) lies in root.pem and root.key, the leaf (P-256, 90 days)
/// in leaf-HASH.pem, where HASH stands for the set of names. A leaf is made when there is none, when a third
/// of its life is left, when another root has come, and when it cannot be read. A root is made when there is
/// none or when it ends before a leaf would. Safe when several processes call it at once.
///
/// errors  cert.folder_not_ours, cert.folder_busy, cert.local_ca_broken (key and root do not match, no CA,
/// not
///         readable), crypto.bad_name, os.*
/// cost    a lock, three small files; making a leaf takes a millisecond
Result<LocalCertificate> local_certificate(const LocalCaPlan& plan);

/// The root that is there, or the error os.not_found. Makes nothing.
Result<crypto::Certificate> local_root(const std::string& folder);

/// The root, made when there is none: what `sallyport cert trust` installs. Errors as local_certificate().
Result<crypto::Certificate> local_root_made(const LocalCaPlan& plan);

/// `data_folder`/local-ca.
std::string local_ca_folder(const std::string& data_folder);

/// "user@host" of this process, in printable ASCII.
std::string local_owner();

/// Lower case, without brackets and a last dot, without doubles, localhost and its kin first.
std::vector<std::string> local_names(const std::vector<std::string>& asked);

}  // namespace sally::cert
