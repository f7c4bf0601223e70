// os/folders.h - where Sallyport keeps what it makes.
#pragma once
#include <string>

#include "base/error.h"

namespace sally {

inline constexpr ErrorKind kNoHome{
    "os.no_home",
    Blame::operator_config,
    Retry::never,
    "there is no folder to keep data in: neither HOME nor XDG_DATA_HOME is set",
    "set XDG_DATA_HOME to a folder of this user",
    "XDG Base Directory",
    -1,
    0};

/// What the choice depends on; environment variables are null when unset.
struct FolderFacts {
  const char* state_directory =
      nullptr;  ///< STATE_DIRECTORY, which systemd sets for a service (StateDirectory=)
  const char* xdg_data_home = nullptr;
  const char* home = nullptr;
  bool is_root = false;

  /// Of this process.
  static FolderFacts here();
};

/// The data folder, not made yet. In this order: systemd's state folder; $XDG_DATA_HOME/sallyport;
/// $HOME/.local/share/sallyport; for root without a home /var/lib/sallyport. Relative values are ignored, as
/// the XDG rules demand. Errors: os.no_home.
Result<std::string> data_folder(const FolderFacts& facts = FolderFacts::here());

}  // namespace sally
