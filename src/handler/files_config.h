// handler/files_config.h - the `files` block of a site: which folder is served, and how.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/block_fwd.h"

namespace sally::handler {

/// Which symbolic links are followed.
enum class Symlinks : std::uint8_t {
  none,    ///< a path with a symbolic link in it does not exist
  inside,  ///< followed while the target lies beneath the root
  all,     ///< followed wherever they lead
};

/// Content codings, in the server's order of preference where several are as good for the client.
enum class Coding : std::uint8_t { br, zstd, gzip };

/// A value in hand is valid. `files = "/srv/www"` sets the root and leaves all else at its default.
struct FilesConfig {
  std::filesystem::path root;  ///< absolute
  std::vector<std::string> index = {"index.html"};
  /// Paths that are tried in order, "{path}" being the request's; empty: only the request's own path.
  std::vector<std::string> try_paths;
  bool listing = false;
  std::uint32_t listing_entries = 5000;         ///< of one folder; more are counted and not shown
  std::map<std::uint16_t, std::string> errors;  ///< status 400..599 -> path of the page beneath the root
  std::vector<Coding> precompressed = {Coding::br, Coding::zstd, Coding::gzip};
  bool compress = true;
  std::size_t compress_minimum = 1024;                ///< bytes; smaller answers are sent as they are
  std::uint64_t compress_maximum = 16 * 1024 * 1024;  ///< bytes; larger files are sent as they are
  std::uint32_t compress_streams =
      16;  ///< files too large for the cache that are compressed at once, per worker
  Symlinks symlinks = Symlinks::inside;
  bool dotfiles = false;                       ///< /.well-known/ is served in any case (RFC 8615)
  std::uint32_t max_ranges = 16;               ///< of one request; with more it gets the whole file
  std::size_t cache_bytes = 64 * 1024 * 1024;  ///< of file contents in memory, per worker; 0: none
  std::size_t cache_file_bytes = 256 * 1024;   ///< the largest file that is kept in memory
  std::map<std::string, std::string> types;    ///< extension without dot, lower case -> media type
  std::string cache_control;                   ///< value of that field; empty: not sent

  bool operator==(const FilesConfig&) const = default;

  static const config::Block<FilesConfig>& block();
};

}  // namespace sally::handler
