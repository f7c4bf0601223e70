#include "handler/folder_watch.h"

#include <sys/inotify.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>

namespace sally::handler {
namespace {

constexpr std::uint32_t kEvents = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY |
                                  IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

std::size_t hash_of(std::string_view name) { return std::hash<std::string_view>{}(name); }

}  // namespace

FolderWatch::FolderWatch(Loop& loop, Owner& owner)
    : loop_(loop), owner_(owner), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (inotify_ && !loop_.watch(inotify_.get(), *this)) inotify_.reset();
}

FolderWatch::~FolderWatch() {
  if (inotify_) loop_.unwatch(inotify_.get(), *this);
}

int FolderWatch::watch_folder(const RootFolder& root, const std::string& path) {
  const auto place = root.place(path);
  if (!place) return -1;
  // By descriptor: the name could meanwhile mean another folder.
  const std::string name = "/proc/self/fd/" + std::to_string(place->get());
  const int folder = ::inotify_add_watch(inotify_.get(), name.c_str(), kEvents);
  if (folder < 0) return -1;
  if (!folders_.contains(folder) && folders_.size() >= kMostFolders) {
    ::inotify_rm_watch(inotify_.get(), folder);
    return -1;
  }
  folders_.try_emplace(folder);
  return folder;
}

void FolderWatch::note(Watched& w, int folder, std::string_view name) {
  const std::pair<int, std::size_t> at(folder, hash_of(name));
  if (std::ranges::find(w.places, at) != w.places.end()) return;
  w.places.push_back(at);
  folders_[folder].emplace(at.second, &w);
}

bool FolderWatch::depend(Watched& w, const RootFolder& root, std::span<const std::string> paths) {
  if (!inotify_ || !root.local()) return false;
  std::map<std::string, int, std::less<>> known;
  for (const std::string& path : paths) {
    std::string folder_path;
    for (std::string_view rest = path; !rest.empty();) {
      const auto it = known.find(folder_path);
      const int folder = it != known.end() ? it->second : watch_folder(root, folder_path);
      // A folder that is not there: its name in the folder above is already depended on.
      if (folder < 0 && !folder_path.empty() && !root.stamp(folder_path)) break;
      if (folder < 0) {
        forget(w);
        return false;
      }
      known.emplace(folder_path, folder);
      const std::size_t end = std::min(rest.find('/'), rest.size());
      note(w, folder, rest.substr(0, end));
      if (!folder_path.empty()) folder_path += '/';
      folder_path += rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return true;
}

void FolderWatch::forget(Watched& w) {
  for (const auto& [folder, name] : w.places) {
    const auto at = folders_.find(folder);
    if (at == folders_.end()) continue;
    const auto [first, last] = at->second.equal_range(name);
    const auto it = std::find_if(first, last, [&](const auto& entry) { return entry.second == &w; });
    if (it != last) at->second.erase(it);
    if (!at->second.empty()) continue;
    ::inotify_rm_watch(inotify_.get(), folder);
    folders_.erase(at);
  }
  w.places.clear();
}

void FolderWatch::take_event(int folder, std::uint32_t mask, std::string_view name) {
  std::vector<Watched*> hit;
  const auto add = [&hit](const auto& entry) { hit.push_back(entry.second); };
  if ((mask & IN_Q_OVERFLOW) != 0) {  // events were lost
    for (const auto& [id, names] : folders_) std::ranges::for_each(names, add);
  } else if (const auto at = folders_.find(folder); at != folders_.end()) {
    const auto [first, last] = at->second.equal_range(hash_of(name));
    if (name.empty())  // the folder itself: gone, moved, other rights
      std::ranges::for_each(at->second, add);
    else
      std::for_each(first, last, add);
  }
  // A thing may depend on several names; its owner may destroy it when it went stale.
  std::ranges::sort(hit);
  hit.erase(std::ranges::unique(hit).begin(), hit.end());
  for (Watched* w : hit) {
    w->stale = true;
    forget(*w);
    owner_.went_stale(*w);
  }
  if ((mask & IN_IGNORED) != 0) folders_.erase(folder);
}

void FolderWatch::look() {
  if (!inotify_) return;
  alignas(inotify_event) char events[16384];
  for (;;) {
    const ssize_t n = ::read(inotify_.get(), events, sizeof events);
    if (n <= 0) return;
    for (const char* at = events; at < events + n;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      const std::string_view name = event.len > 0 ? std::string_view(at + sizeof event) : std::string_view();
      at += sizeof event + event.len;
      take_event(event.wd, event.mask, name);
    }
  }
}

}  // namespace sally::handler
