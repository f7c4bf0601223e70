// handler/files.h - serves a folder: files from memory or disk, indexes, ranges, conditions, codings,
// listings.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "handler/accept_encoding.h"
#include "handler/file_cache.h"
#include "handler/file_loader.h"
#include "handler/files_config.h"
#include "http/handler.h"

namespace sally::handler {

/// One for each site on each core. GET and HEAD; OPTIONS says so, everything else is 405.
///
/// A file that is small enough (files.cache_file_bytes) is read once and then answered from memory by
/// answer_now() until inotify says that it changed. Larger ones are sent from the page cache, or from the
/// disk through the offload pool. Memory does not grow with the size of what is served.
class Files final : public http::Handler {
 public:
  /// `cache` outlives it. Errors: files.root_unusable.
  static Result<std::unique_ptr<Files>> make(const FilesConfig& config, FileCache& cache);

  bool answer_now(http::Exchange& x) override;
  /// errors  files.shrank, os.too_many_files, os.call_failed
  Task<Result<Unit>> handle(http::Exchange& x) override;

 private:
  enum class Tried : std::uint8_t { answered, missing, forbidden, folder };
  struct Wishes;
  explicit Files(std::unique_ptr<FileLoader> loader);

  // Without waiting:
  bool answer_method(http::Exchange& x);
  bool answer_cached(http::Exchange& x, std::string_view path);
  Wishes wishes_of(const http::Request& request);
  std::optional<Coding> choose(const CachedFile& file, const Wishes& wishes) const;
  void answer_form(http::Exchange& x, const std::shared_ptr<const Representation>& form, const Wishes& wishes,
                   int page_status);
  void answer_large(http::Exchange& x, Found& found, int page_status);

  Task<Result<Unit>> answer_path(http::Exchange& x, const std::string& path);
  /// `page_status`: 0, or the status whose page this is.
  Task<Result<Tried>> try_path(http::Exchange& x, const std::string& path, int page_status);
  Task<Result<Unit>> answer_small(http::Exchange& x, std::shared_ptr<CachedFile> file, int page_status);
  Task<Result<Unit>> answer_folder(http::Exchange& x, const std::string& path);
  Task<Result<Unit>> answer_error(http::Exchange& x, int status);

  std::unique_ptr<FileLoader> loader_;
  const FilesConfig& config_;
  FileCache& cache_;
  bool direct_;                ///< a request's own path is the first that is tried
  std::string last_accepted_;  ///< clients of a kind say the same
  CodingWeights last_weights_;
};

}  // namespace sally::handler
