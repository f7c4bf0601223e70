// handler/file_cache.h - small files in memory, ready to be sent, and thrown away the moment they change.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "handler/chunk_pool.h"
#include "handler/find_file.h"
#include "handler/folder_watch.h"
#include "handler/representation.h"
#include "handler/root_watch.h"

namespace sally::handler {

/// A file as one site serves it. `forms`: as it is, and by Coding behind it; null: not there, or not yet
/// made.
struct CachedFile final : Watched, std::enable_shared_from_this<CachedFile> {
  std::uint32_t site = 0;
  std::string path;  ///< decoded, with its slash in front; of a folder with a slash at the end: its index
  std::array<std::shared_ptr<const Representation>, 4> forms;
  std::array<bool, 3> being_made{};  ///< by Coding: somebody compresses it now
  std::vector<Coding> siblings;      ///< forms that were found as files, the server's favourite first
  bool compressible = false;         ///< other forms may be made
  bool watched = false;              ///< inotify tells of changes; otherwise every use asks for the stamps
  Seen made_of;
  TimePoint
      trusted_until{};  ///< watched: then the stamps are asked for, because writes through mmap tell nobody

  const std::shared_ptr<const Representation>& as_is() const { return forms[0]; }
  std::shared_ptr<const Representation>& in(Coding c) { return forms[1 + static_cast<std::size_t>(c)]; }

 private:
  friend class FileCache;
  bool kept = false;  ///< stands in the table
  bool used = false;  ///< since the eviction hand came by
  std::size_t cost = 0;
  std::list<CachedFile*>::iterator place;
};

/// One for each core, shared by its sites. Not thread-safe.
class FileCache final : private FolderWatch::Owner {
 public:
  explicit FileCache(Loop& loop);
  FileCache(const FileCache&) = delete;
  FileCache& operator=(const FileCache&) = delete;
  ~FileCache();

  /// Number of a new site. `bytes`: what the cache may hold; the largest of all sites counts for the whole.
  std::uint32_t add_site(std::size_t bytes);

  /// null: not there. The pointer is good until the next call that is not find(); no check of freshness.
  CachedFile* find(std::uint32_t site, std::string_view path) {
    const auto it = files_.find(Key{site, path});
    if (it == files_.end()) return nullptr;
    it->second->used = true;
    return it->second.get();
  }

  /// The stamps of what `file` was made of were just asked for, and none had changed.
  void trust(CachedFile& file) { file.trusted_until = loop_.now() + kTrust; }

  /// Watches what `file.made_of` names. To be called before its contents are read.
  void watch(CachedFile& file, const RootFolder& root);
  /// Keeps it, unless something changed since watch(): then it stays out, and is good for one answer. Takes
  /// the place of an older one of the same path.
  void keep(std::shared_ptr<CachedFile> file);
  /// A form was added to a kept file.
  void reckon(CachedFile& file);
  /// Out of the table and of the watch. To be called also for a file that is given up before keep().
  void drop(CachedFile& file);
  void drop_site(std::uint32_t site);

  /// Calls `changed` on the loop's thread when `path`, or a link on the way to it, may lead elsewhere.
  void watch_root(const std::string& path, std::function<void()> changed) {
    roots_.add(path, std::move(changed));
  }

  std::size_t bytes() const { return bytes_; }
  std::size_t count() const { return files_.size(); }
  Loop& loop() { return loop_; }
  ChunkPool& chunks() { return chunks_; }
  /// Files that are compressed while they are sent, on this core.
  std::size_t& compressing() { return compressing_; }

 private:
  static constexpr Duration kTrust = std::chrono::seconds(1);

  struct Key {
    std::uint32_t site;
    std::string_view path;  ///< of the CachedFile itself
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& k) const {
      return std::hash<std::string_view>{}(k.path) ^ (k.site * 0x9E3779B97F4A7C15u);
    }
  };
  void went_stale(Watched& w) override { drop(static_cast<CachedFile&>(w)); }
  void evict();

  Loop& loop_;
  ChunkPool chunks_;
  FolderWatch watch_;
  RootWatch roots_;
  std::size_t limit_ = 0, bytes_ = 0, compressing_ = 0;
  std::uint32_t sites_ = 0;
  std::unordered_map<Key, std::shared_ptr<CachedFile>, Hash> files_;
  std::list<CachedFile*> ring_;  ///< the hand stands at its front
};

}  // namespace sally::handler
