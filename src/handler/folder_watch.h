// handler/folder_watch.h - tells a cached thing at once when something that it was made of has changed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "handler/root_folder.h"
#include "loop/loop.h"
#include "os/fd.h"

namespace sally::handler {

/// Something that is right only as long as nothing under certain names has changed. Its owner must forget()
/// it before it is destroyed.
struct Watched {
  bool stale = false;                               ///< something changed; the watch knows it no more
  std::vector<std::pair<int, std::size_t>> places;  ///< the watch's: folder and hash of a name in it
};

/// One for each core, on inotify. Folders are watched, not files: a name that is not there yet can be
/// depended on, and a thousand files in a folder cost one watch.
///
/// Order: epoll reports what became ready first first, so a request that was sent after a change was made is
/// handled after the change was seen here.
class FolderWatch final : private Pollable {
 public:
  struct Owner {
    /// `w.stale` was just set.
    virtual void went_stale(Watched& w) = 0;

   protected:
    ~Owner() = default;
  };

  /// Without inotify (no instances left) depend() always says false.
  FolderWatch(Loop& loop, Owner& owner);
  ~FolderWatch();

  /// From now on `w` goes stale when one of `paths` (relative to the root, existing or not) is written, made,
  /// removed, replaced, or gets other rights, or a folder on the way does. False: not all of it can be
  /// watched, because links are on the way, watches have run out, or the file system is another machine's.
  ///
  /// cost  two system calls for each folder on the way
  bool depend(Watched& w, const RootFolder& root, std::span<const std::string> paths);
  void forget(Watched& w);

  /// Takes what has come. The loop does it too.
  void look();

 private:
  static constexpr std::size_t kMostFolders =
      16384;  ///< fs.inotify.max_user_watches is shared with the user's rest
  /// By hash of the name: a collision costs one needless reload.
  using Folder = std::unordered_multimap<std::size_t, Watched*>;

  void on_events(std::uint32_t) override { look(); }
  int watch_folder(const RootFolder& root, const std::string& path);
  void note(Watched& w, int folder, std::string_view name);
  void take_event(int folder, std::uint32_t mask, std::string_view name);

  Loop& loop_;
  Owner& owner_;
  Fd inotify_;
  std::unordered_map<int, Folder> folders_;
};

}  // namespace sally::handler
