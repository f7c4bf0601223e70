// handler/root_folder.h - opens what lies beneath a served folder, and nothing else.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "handler/files_config.h"
#include "os/fd.h"
#include "os/file.h"

struct stat;

namespace sally::handler {

inline constexpr ErrorKind kRootUnusable{
    "files.root_unusable",
    Blame::operator_config,
    Retry::later,
    "the folder of a site cannot be opened",
    "create it, or give the user that runs Sallyport the right to read it",
    "",
    -1,
    503};
inline constexpr ErrorKind kFileShrank{
    "files.shrank",
    Blame::operator_config,
    Retry::later,
    "a file became shorter while it was sent",
    "replace files by renaming new ones over them instead of writing into them",
    "",
    -1,
    500};

/// Whether a call may wait for a disk. What does not wait runs on the loop, what waits on the offload pool.
enum class Patience : std::uint8_t { none, some };

/// What a path led to.
struct Opened {
  enum class Kind : std::uint8_t { file, folder, missing, forbidden, must_wait };
  Kind kind = Kind::missing;
  Fd fd;                  ///< of a file or folder
  FileStamp stamp{};      ///< of a file or folder
  bool plain_way = true;  ///< no symbolic link on the way and no second name: watching the folders is enough

  bool is_file() const { return kind == Kind::file; }
};

/// The folder itself may be replaced behind its path (a link that a deployment turns): is_current() tells.
/// Constant after open(); its functions may run on any thread.
class RootFolder {
 public:
  /// Errors: files.root_unusable.
  static Result<std::shared_ptr<const RootFolder>> open(const std::filesystem::path& path, Symlinks links);

  /// Opens a regular file or a folder for reading.
  ///
  /// path      relative, as decode_path() made it but for the slash in front; "" is the root itself
  /// patience  none: Kind::must_wait instead of waiting for a disk
  ///
  /// missing: no such thing, a device, pipe or socket, or a way that the symlink policy closes.
  /// errors  os.too_many_files, os.call_failed
  /// source  openat2(2): RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS. Where the kernel or a container refuses the
  ///         call, the path is walked step by step and no symbolic link is followed.
  Result<Opened> open(const std::string& path, Patience patience) const;

  /// A descriptor that only stands for a folder, to watch it. No links; nullopt: not without waiting, or
  /// none.
  std::optional<Fd> place(const std::string& path) const;

  /// The stamp of what a path leads to now, nullopt if there is nothing. Only to compare with an earlier one:
  /// it follows links as the policy says, but not only beneath the root.
  std::optional<FileStamp> stamp(const std::string& path) const;

  /// The configured path still leads to this folder.
  bool is_current() const;

  const std::filesystem::path& path() const { return path_; }
  int fd() const { return fd_.get(); }
  /// On a file system of this machine whose changes inotify sees; others are asked each time, on the pool.
  bool local() const { return local_; }

 private:
  RootFolder(std::filesystem::path path, Symlinks links, Fd fd)
      : path_(std::move(path)), links_(links), fd_(std::move(fd)) {}
  int open_way(const std::string& path, int flags, bool links, Patience patience) const;
  int open_link(const std::string& path, int flags) const;
  int walk(const std::string& path, int flags) const;
  Result<Opened> look(Fd fd, bool linked) const;

  std::filesystem::path path_;
  Symlinks links_;
  Fd fd_;
  FileStamp stamp_{};
  bool local_ = true;
};

/// The parts of a stat result that tell one state of a file from another.
FileStamp stamp_of(const struct stat& s);

/// Reads at `offset` until `to` is full. nullopt: it would have to wait. Errors: files.shrank when the file
/// ends before that, os.call_failed.
Result<std::optional<std::size_t>> read_exactly(int fd, std::uint64_t offset, std::span<std::byte> to,
                                                Patience patience);

/// Reads what is there without waiting, at most `to`: 0 is the end of the file, nullopt: it would have to
/// wait.
Result<std::optional<std::size_t>> read_some(int fd, std::uint64_t offset, std::span<std::byte> to,
                                             Patience patience);

}  // namespace sally::handler
