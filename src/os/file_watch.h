// os/file_watch.h - tells when files change, also when a link on the way to them is turned elsewhere.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "os/fd.h"
#include "os/os_error.h"

namespace sally {

inline constexpr ErrorKind kWatchLimit{"os.watch_limit",
                                       Blame::system,
                                       Retry::later,
                                       "the system gives out no more file watches",
                                       "raise fs.inotify.max_user_watches and fs.inotify.max_user_instances",
                                       "inotify(7)",
                                       -1,
                                       0};

/// Watches a set of paths through inotify. It has no thread: a loop polls fd() and then calls changed().
///
/// A path is followed the way the kernel does it, and every step is watched. So it is noticed when the file
/// is written, replaced by rename, removed or made; when a link such as certbot's `live/x/cert.pem` or the
/// `..data` of a Kubernetes volume is swapped; and when a folder on the way appears. A path that is a folder
/// changes with each of its direct entries. Folders that were watched before this process gave up the right
/// to enter them stay watched.
class FileWatch {
 public:
  /// Errors: os.watch_limit, os.call_failed.
  static Result<FileWatch> make();

  /// Readable when changed() has something to look at; non-blocking.
  int fd() const { return inotify_.get(); }

  /// Replaces the watched set. Paths need not exist. Errors: os.watch_limit.
  Result<> watch(std::vector<std::string> paths);

  /// The watched paths that may have changed since the last call, without doubles. Links have been followed
  /// anew before this returns, so whoever reads the files afterwards misses nothing. Spurious answers are
  /// possible, for example after a chmod; compare contents or stamps.
  std::vector<std::string> changed();

 private:
  /// Why a place is watched: which paths care about which of its entries.
  struct Place {
    std::multimap<std::string, std::size_t> entries;  ///< name -> index in paths_
    std::vector<std::size_t> whole;  ///< indices that care about every entry, or the file itself
    bool contents = false;           ///< writes to entries matter, not only their names
  };
  using Places = std::map<std::string, Place>;

  explicit FileWatch(Fd inotify) : inotify_(std::move(inotify)) {}
  static bool follow(const std::string& path, std::size_t index, Places& places);
  Result<> arm();

  Fd inotify_;
  std::vector<std::string> paths_;
  std::map<int, Place> places_;  ///< by watch descriptor
};

}  // namespace sally
