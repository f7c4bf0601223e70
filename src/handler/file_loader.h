// handler/file_loader.h - brings a site's files into the cache, watches first and reads then, and knows its
// root.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "handler/file_cache.h"
#include "handler/files_config.h"
#include "handler/find_file.h"
#include "handler/root_folder.h"
#include "loop/task.h"

namespace sally::handler {

/// One for each site on each core. What would have to wait for a disk runs on the offload pool.
class FileLoader {
 public:
  /// `cache` outlives it. Errors: files.root_unusable.
  static Result<std::unique_ptr<FileLoader>> make(const FilesConfig& config, FileCache& cache);
  FileLoader(const FileLoader&) = delete;
  FileLoader& operator=(const FileLoader&) = delete;

  /// Looks once a second whether the root's path leads elsewhere; the watch on it calls at once.
  void look_at_root() {
    if (loop_.now() >= root_known_until_) renew_root();
  }
  /// A cached file that is fresh, as far as that can be known without waiting; null: none. Good until the
  /// next call into the cache.
  CachedFile* fresh_now(std::string_view path);
  /// The same, and it waits if it must.
  Task<Result<std::shared_ptr<CachedFile>>> cached(const std::string& path);
  /// What a decoded path leads to. Errors: os.too_many_files, os.call_failed.
  Task<Result<Found>> find(const std::string& path);
  /// Reads a small file with its siblings and keeps it. The order matters: first watch, then read, then look
  /// whether what was found before the watch is still there; so no change goes unnoticed. null: it is gone.
  /// Errors: files.shrank, os.call_failed.
  Task<Result<std::shared_ptr<CachedFile>>> load(const std::string& path, Found found);
  /// Compresses `file` as it is. If that does not help, its form in that coding is the one as it is.
  Task<Result<Unit>> make_form(std::shared_ptr<CachedFile> file, Coding coding);

  /// What is said of all forms of a file; without entity tag and coding.
  Description describe(const Found& found) const;
  bool is_small(const Opened& file) const { return file.stamp.size <= small_bytes_; }
  /// Worth compressing on the fly.
  bool may_compress(const Opened& file, std::string_view type) const;

  const FilesConfig& config() const { return *config_; }
  /// For work on the offload pool, which may outlive the site.
  const std::shared_ptr<const FilesConfig>& shared_config() const { return config_; }
  const std::shared_ptr<const RootFolder>& root() const { return root_; }
  FileCache& cache() { return cache_; }

 private:
  struct Loading;
  struct Making;
  FileLoader(std::shared_ptr<const FilesConfig> config, FileCache& cache,
             std::shared_ptr<const RootFolder> root);

  void renew_root();
  Task<Result<bool>> ask_stamps(std::shared_ptr<CachedFile> file);
  void make_forms(CachedFile& file, const Found& found, std::array<std::string, 4>& contents) const;

  const std::shared_ptr<const FilesConfig> config_;
  FileCache& cache_;
  Loop& loop_;
  std::shared_ptr<const RootFolder> root_;
  std::uint32_t site_;
  std::uint64_t small_bytes_;
  TimePoint root_known_until_{};
};

}  // namespace sally::handler
