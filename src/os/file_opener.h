// os/file_opener.h - a small process that may still open certain files after this one has given up root.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "os/fd.h"
#include "os/privileges.h"

namespace sally {

inline constexpr ErrorKind kOpenerGone{
    "os.opener_gone",
    Blame::system,
    Retry::later,
    "the process that opens certificate files for this one does not answer",
    "restart Sallyport, or let its user read the files itself",
    "",
    -1,
    0};

/// The other process knows a fixed list of paths and obeys one order: open number N for reading and pass the
/// descriptor. It runs as the same user as this one will, with CAP_DAC_READ_SEARCH and nothing else, holds no
/// other descriptor, and ends when this process does. So whoever takes over this process gains only files
/// that it had read before.
class FileOpener {
 public:
  /// Forks; call it as root, before any thread is started and before become().
  /// Errors: os.no_permission, os.call_failed.
  static Result<FileOpener> start(std::vector<std::string> paths, const Account& account);

  FileOpener(FileOpener&& o) noexcept;
  FileOpener& operator=(FileOpener&& o) noexcept;
  ~FileOpener() { stop(); }

  /// Opens one of the paths for reading. Blocks for at most two seconds.
  /// Errors: os.no_permission for a path that is not in the list, os.* as open(2) gives, os.opener_gone.
  Result<Fd> open(const std::string& path) const;

 private:
  FileOpener(std::vector<std::string> paths, Fd channel, pid_t pid)
      : paths_(std::move(paths)), channel_(std::move(channel)), pid_(pid) {}
  void stop();

  std::vector<std::string> paths_;
  Fd channel_;
  pid_t pid_ = -1;
};

}  // namespace sally
