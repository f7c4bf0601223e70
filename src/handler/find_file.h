// handler/find_file.h - which file, index or folder a decoded path leads to, with its compressed siblings.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "handler/files_config.h"
#include "handler/root_folder.h"

namespace sally::handler {

/// Names relative to the root and what was there; nullopt: nothing.
using Seen = std::vector<std::pair<std::string, std::optional<FileStamp>>>;

/// All of it is still so, as far as stamps tell.
bool is_unchanged(const RootFolder& root, const Seen& seen);

/// What find_file() met.
struct Found {
  enum class Kind : std::uint8_t {
    missing,
    forbidden,    ///< it is there, and the system does not let us read it
    file,         ///< `file`, reached by `path`
    needs_slash,  ///< a folder, asked for without the slash at its end
    folder,       ///< a folder without an index
    must_wait,    ///< only with Patience::none: nothing is known yet
  };
  Kind kind = Kind::missing;
  std::string path;  ///< of the file or folder, relative to the root, no slash at its ends
  Opened file;
  std::array<Opened, 3>
      siblings;  ///< by Coding: file.br, file.zst, file.gz; not two seconds older than the file
  /// Every name that was looked at, and what was there: if none changes, the result is the same.
  Seen seen;
  bool plain_way = true;  ///< no links on the way to any of it
};

/// Looks up `path` ("/a/b", "/a/"), which decode_path() made.
///
/// errors  os.too_many_files, os.call_failed
Result<Found> find_file(const RootFolder& root, const FilesConfig& rules, const std::string& path,
                        Patience patience);

}  // namespace sally::handler
