// cert/private_folder.h - a folder for keys: ours alone, and used by one process at a time.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "os/file.h"

namespace sally::cert {

inline constexpr ErrorKind kNotOurs{"cert.folder_not_ours",
                                    Blame::operator_config,
                                    Retry::never,
                                    "a file or folder for private keys belongs to another user, or is a link",
                                    "give it to the user that runs Sallyport with chown, or remove it",
                                    "",
                                    -1,
                                    0};
inline constexpr ErrorKind kFolderBusy{
    "cert.folder_busy",
    Blame::system,
    Retry::later,
    "another process holds the lock of the certificate folder for too long",
    "end the other sallyport process, then try again",
    "",
    -1,
    0};

/// An existing folder of mode 0700 that belongs to us. Made with what is missing above it when it is not
/// there. Looser permissions are tightened, and a sentence about it is added to `notes`. Errors:
/// cert.folder_not_ours, os.*.
Result<> secure_folder(const std::string& path, std::vector<std::string>& notes);

/// Likewise for a file with a key: mode 0600. False when there is none.
Result<bool> secure_file(const std::string& path, std::vector<std::string>& notes);

/// Locks `folder`/lock until the result is destroyed, among processes and threads.
/// Errors: cert.folder_busy after `patience`, os.*.
Result<Fd> lock_folder(const std::string& folder,
                       std::chrono::milliseconds patience = std::chrono::seconds(20));

}  // namespace sally::cert
