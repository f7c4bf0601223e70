#include "handler/file_loader.h"

#include <algorithm>
#include <array>

#include "handler/accept_encoding.h"
#include "handler/encoder.h"
#include "handler/media_type.h"
#include "loop/offload.h"

// Work for the offload pool gets a name before it is awaited: GCC 12 copies a lambda that is a temporary of a
// co_await expression octet by octet, and frees what it captured twice.

namespace sally::handler {
namespace {

using namespace std::chrono_literals;

/// A file of more than this part of the cache would push out too much else.
constexpr std::size_t kShareOfCache = 4;

/// A file that changes again and again while it is read is answered as it was read last, and not kept.
constexpr int kLoadTries = 3;

using Contents = std::array<std::string, 4>;  // as it is, then by Coding

/// nullopt: it would have to wait.
Result<std::optional<Contents>> read_contents(const Found& found, Patience patience) {
  Contents out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Opened& file = i == 0 ? found.file : found.siblings[i - 1];
    if (!file.is_file()) continue;
    out[i].resize(file.stamp.size);
    const std::span<std::byte> to = std::as_writable_bytes(std::span(out[i]));
    TRY(const auto got, read_exactly(file.fd.get(), 0, to, patience));
    if (!got) return std::optional<Contents>();
  }
  return std::optional(std::move(out));
}

}  // namespace

/// Watched from before its contents are read until it is kept; given up if that never comes.
struct FileLoader::Loading {
  FileCache& cache;
  std::shared_ptr<CachedFile> file;
  ~Loading() {
    if (file) cache.drop(*file);
  }
};

/// Somebody compresses a form, until it is there or the client has gone.
struct FileLoader::Making {
  std::shared_ptr<CachedFile> file;
  Coding coding;
  Making(std::shared_ptr<CachedFile> f, Coding c) : file(std::move(f)), coding(c) { mark(true); }
  Making(const Making&) = delete;
  Making& operator=(const Making&) = delete;
  ~Making() { mark(false); }
  void mark(bool on) const { file->being_made[static_cast<std::size_t>(coding)] = on; }
};

Result<std::unique_ptr<FileLoader>> FileLoader::make(const FilesConfig& config, FileCache& cache) {
  TRY(auto root, RootFolder::open(config.root, config.symlinks));
  return std::unique_ptr<FileLoader>(
      new FileLoader(std::make_shared<const FilesConfig>(config), cache, std::move(root)));
}

FileLoader::FileLoader(std::shared_ptr<const FilesConfig> config, FileCache& cache,
                       std::shared_ptr<const RootFolder> root)
    : config_(std::move(config)),
      cache_(cache),
      loop_(cache.loop()),
      root_(std::move(root)),
      site_(cache.add_site(config_->cache_bytes)),
      small_bytes_(std::min(config_->cache_file_bytes, config_->cache_bytes / kShareOfCache)) {
  cache_.watch_root(config_->root, [this] {
    root_known_until_ = {};
    look_at_root();
  });
}

/// The way to the root may lead to another folder now. If it leads nowhere, the old one is served on: a link
/// that is replaced is away for a moment.
void FileLoader::renew_root() {
  root_known_until_ = loop_.now() + 1s;
  if (root_->is_current()) return;
  auto opened = RootFolder::open(config_->root, config_->symlinks);
  if (!opened) return;
  root_ = std::move(*opened);
  cache_.drop_site(site_);
}

CachedFile* FileLoader::fresh_now(std::string_view path) {
  CachedFile* const file = cache_.find(site_, path);
  if (file == nullptr || (file->watched && loop_.now() < file->trusted_until)) return file;
  if (!root_->local()) return nullptr;
  if (is_unchanged(*root_, file->made_of)) {
    cache_.trust(*file);
    return file;
  }
  cache_.drop(*file);
  return nullptr;
}

Task<Result<Found>> FileLoader::find(const std::string& path) {
  if (root_->local() || loop_.pool() == nullptr) {
    const Patience patience = loop_.pool() ? Patience::none : Patience::some;
    CO_TRY(Found found, find_file(*root_, *config_, path, patience));
    if (found.kind != Found::Kind::must_wait) co_return found;
  }
  auto job = [root = root_, config = config_, path] {
    return find_file(*root, *config, path, Patience::some);
  };
  co_return co_await offload(loop_, std::move(job));
}

Task<Result<std::shared_ptr<CachedFile>>> FileLoader::cached(const std::string& path) {
  CachedFile* const there = cache_.find(site_, path);
  if (there == nullptr) co_return nullptr;
  std::shared_ptr<CachedFile> file = there->shared_from_this();
  if (file->watched && loop_.now() < file->trusted_until) co_return file;
  CO_TRY(const bool same, co_await ask_stamps(file));
  if (same && !file->stale) co_return file;
  cache_.drop(*file);
  co_return nullptr;
}

Task<Result<bool>> FileLoader::ask_stamps(std::shared_ptr<CachedFile> file) {
  bool same = false;
  if (root_->local()) {
    same = is_unchanged(*root_, file->made_of);
  } else {
    auto job = [root = root_, seen = file->made_of] { return is_unchanged(*root, seen); };
    same = co_await offload(loop_, std::move(job));
  }
  if (same) cache_.trust(*file);
  co_return same;
}

bool FileLoader::may_compress(const Opened& file, std::string_view type) const {
  return config_->compress && file.stamp.size >= config_->compress_minimum && is_compressible(type);
}

Description FileLoader::describe(const Found& found) const {
  constexpr std::int64_t kSecond = 1'000'000'000;
  Description d;
  d.type = media_type(found.path, config_->types);
  d.modified = found.file.stamp.modified_ns / kSecond;
  d.cache_control = config_->cache_control;
  d.varies = may_compress(found.file, d.type);
  for (const Opened& sibling : found.siblings) d.varies = d.varies || sibling.is_file();
  return d;
}

Task<Result<std::shared_ptr<CachedFile>>> FileLoader::load(const std::string& path, Found found) {
  for (int tries = 1;; ++tries) {
    for (Opened& sibling : found.siblings)
      if (sibling.is_file() && !is_small(sibling)) sibling = Opened{};
    Loading loading{cache_, std::make_shared<CachedFile>()};
    CachedFile& file = *loading.file;
    file.site = site_;
    file.path = path;
    file.made_of = found.seen;
    file.watched = found.plain_way && root_->local();
    cache_.watch(file, *root_);

    const auto shared = std::make_shared<const Found>(std::move(found));
    const Patience patience = loop_.pool() ? Patience::none : Patience::some;
    auto contents = read_contents(*shared, patience);
    if (contents && !*contents) {
      auto job = [shared] { return read_contents(*shared, Patience::some); };
      contents = co_await offload(loop_, std::move(job));
    }
    CO_TRY(const bool same, co_await ask_stamps(loading.file));
    if (!same && tries < kLoadTries) {
      CO_TRY(found, co_await find(path));
      if (found.kind != Found::Kind::file || !is_small(found.file)) co_return nullptr;
      continue;
    }
    if (!contents) co_return std::unexpected(std::move(contents).error());

    make_forms(file, *shared, **contents);
    std::shared_ptr<CachedFile> made = loading.file;
    if (same) {
      cache_.keep(std::move(loading.file));
      loading.file.reset();
    }
    co_return made;
  }
}

void FileLoader::make_forms(CachedFile& file, const Found& found, Contents& contents) const {
  Description d = describe(found);
  file.compressible = may_compress(found.file, d.type);
  for (const Coding coding : config_->precompressed) {
    const auto i = static_cast<std::size_t>(coding);
    if (!found.siblings[i].is_file()) continue;
    std::string& bytes = contents[1 + i];
    Description in = d;
    in.coding = coding;
    in.etag = etag_in_coding(etag_of_content(bytes), coding);
    file.siblings.push_back(coding);
    file.in(coding) = make_representation(std::move(in), std::move(bytes));
  }
  d.etag = etag_of_content(contents[0]);
  file.forms[0] = make_representation(std::move(d), std::move(contents[0]));
}

Task<Result<Unit>> FileLoader::make_form(std::shared_ptr<CachedFile> file, Coding coding) {
  const std::shared_ptr<const Representation> as_is = file->as_is();
  const Making making(file, coding);
  auto job = [as_is, coding] { return encode(coding, as_is->bytes); };
  Result<std::string> made = co_await offload(loop_, std::move(job));
  if (made && made->size() < as_is->bytes.size()) {
    Description d = as_is->described;
    d.coding = coding;
    d.etag = etag_in_coding(d.etag, coding);
    file->in(coding) = make_representation(std::move(d), std::move(*made));
  } else {
    file->in(coding) = as_is;  // not worth it, and not tried again
  }
  cache_.reckon(*file);
  co_return Unit{};
}

}  // namespace sally::handler
