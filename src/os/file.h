// os/file.h - whole files: read with a limit, written so that no reader ever sees a half of one.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "os/fd.h"
#include "os/os_error.h"

namespace sally {

/// What tells one state of a file from another without reading it.
struct FileStamp {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  mode_t mode = 0;  ///< permission bits, as chmod takes them
  bool operator==(const FileStamp&) const = default;
};

/// Of the file that `path` leads to, through symbolic links. Errors: os.*.
Result<FileStamp> file_stamp(const std::string& path);

/// The whole file and the stamp it had when it was opened.
struct FileText {
  std::string text;
  FileStamp stamp;
};

/// Reads a regular file (or what /dev/stdin and a pipe give) up to `limit` bytes.
/// Errors: os.not_found, os.no_permission, os.is_a_folder, os.file_too_large, os.too_many_files, os.*.
Result<FileText> read_file(const std::string& path, std::size_t limit);

/// Likewise for a file that is open already; `path` is for messages.
Result<FileText> read_open_file(const Fd& fd, const std::string& path, std::size_t limit);
Result<FileStamp> open_file_stamp(const Fd& fd, const std::string& path);

/// Replaces `path` in one step: writes a new file beside it, syncs it, renames it, syncs the folder. On any
/// error the old file is as it was and nothing is left over. `mode` is what the file has from its first
/// moment on, whatever the umask. A symbolic link at `path` is replaced, not followed.
/// Errors: os.no_space, os.no_permission, os.not_found (no such folder), os.*.
Result<> write_file(const std::string& path, Bytes bytes, mode_t mode);

/// Removes a file; false when there was none.
Result<bool> remove_file(const std::string& path);

/// Makes a folder and the missing ones above it. New ones get `mode`. Errors: os.not_a_folder, os.*.
Result<> make_folders(const std::string& path, mode_t mode);

}  // namespace sally
