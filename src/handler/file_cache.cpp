#include "handler/file_cache.h"

#include <algorithm>

namespace sally::handler {
namespace {

/// Memory that an entry takes beside its content.
constexpr std::size_t kEntryBytes = 1024, kFormBytes = 1024;

std::size_t cost_of(const CachedFile& file) {
  std::size_t cost = kEntryBytes + file.path.size();
  for (const auto& form : file.forms)
    if (form) cost += kFormBytes + form->bytes.size();
  return cost;
}

}  // namespace

FileCache::FileCache(Loop& loop) : loop_(loop), chunks_(loop), watch_(loop, *this), roots_(loop) {}

FileCache::~FileCache() {
  for (const auto& [key, file] : files_) watch_.forget(*file);
}

std::uint32_t FileCache::add_site(std::size_t bytes) {
  limit_ = std::max(limit_, bytes);
  return sites_++;
}

void FileCache::watch(CachedFile& file, const RootFolder& root) {
  std::vector<std::string> paths;
  for (const auto& [path, stamp] : file.made_of) paths.push_back(path);
  file.watched = file.watched && watch_.depend(file, root, paths);
}

void FileCache::keep(std::shared_ptr<CachedFile> file) {
  watch_.look();
  const std::size_t cost = cost_of(*file);
  if (file->stale || cost > limit_) {
    watch_.forget(*file);
    return;
  }
  if (CachedFile* old = find(file->site, file->path)) drop(*old);
  CachedFile& f = *file;
  f.kept = true;
  f.cost = cost;
  f.place = ring_.insert(ring_.end(), &f);
  bytes_ += cost;
  files_.emplace(Key{f.site, f.path}, std::move(file));
  evict();
}

void FileCache::reckon(CachedFile& file) {
  if (!file.kept) return;
  bytes_ -= file.cost;
  file.cost = cost_of(file);
  bytes_ += file.cost;
  evict();
}

void FileCache::drop(CachedFile& file) {
  watch_.forget(file);
  if (!file.kept) return;
  file.kept = false;
  bytes_ -= file.cost;
  ring_.erase(file.place);
  files_.erase(Key{file.site, file.path});
}

void FileCache::drop_site(std::uint32_t site) {
  std::vector<CachedFile*> gone;
  for (const auto& [key, file] : files_)
    if (key.site == site) gone.push_back(file.get());
  for (CachedFile* file : gone) drop(*file);
}

/// Second chance: what was used since the last round goes to the end of the ring once.
void FileCache::evict() {
  while (bytes_ > limit_ && !ring_.empty()) {
    CachedFile* file = ring_.front();
    if (std::exchange(file->used, false))
      ring_.splice(ring_.end(), ring_, ring_.begin());
    else
      drop(*file);
  }
}

}  // namespace sally::handler
