#include "os/file_watch.h"

#include <limits.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <set>
#include <string_view>

namespace sally {
namespace {

constexpr int kMostLinks = 40;  // as the kernel: then it is a circle (ELOOP)
constexpr std::uint32_t kNames =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t kContents = IN_CLOSE_WRITE | IN_MODIFY;

std::deque<std::string> components_of(std::string_view path) {
  std::deque<std::string> out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (const std::string_view part = path.substr(0, slash); !part.empty() && part != ".")
      out.emplace_back(part);
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return out;
}

std::string below(const std::string& folder, const std::string& name) {
  return folder == "/" ? "/" + name : folder + "/" + name;
}

std::string above(const std::string& folder) {
  const std::size_t slash = folder.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : folder.substr(0, slash);
}

std::string working_folder() {
  char path[PATH_MAX];
  return ::getcwd(path, sizeof path) ? path : "/";
}

}  // namespace

Result<FileWatch> FileWatch::make() {
  Fd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fd && (errno == EMFILE || errno == ENFILE))
    return fail(kWatchLimit, "inotify_init: " + errno_text(errno));
  if (!fd) return fail_errno(errno, "open", "a file watch");
  return FileWatch(std::move(fd));
}

/// False when a folder on the way may not be entered, so that what is below is unknown.
bool FileWatch::follow(const std::string& path, std::size_t index, Places& places) {
  std::string folder = path.starts_with('/') ? "/" : working_folder();
  std::deque<std::string> rest = components_of(path);
  for (int links = 0; !rest.empty();) {
    const std::string name = rest.front();
    rest.pop_front();
    if (name == "..") {
      folder = above(folder);
      continue;
    }
    places[folder].entries.emplace(name, index);
    const std::string here = below(folder, name);
    struct stat s {};
    if (::lstat(here.c_str(), &s) != 0) return errno != EACCES;  // it may appear later: the entry is watched
    if (S_ISLNK(s.st_mode)) {
      char target[PATH_MAX];
      const ssize_t n = ::readlink(here.c_str(), target, sizeof target);
      if (n <= 0 || ++links > kMostLinks) return true;
      const std::string_view to(target, static_cast<std::size_t>(n));
      if (to.starts_with('/')) folder = "/";
      const std::deque<std::string> more = components_of(to);
      rest.insert(rest.begin(), more.begin(), more.end());
    } else if (S_ISDIR(s.st_mode)) {
      folder = here;
    } else {
      places[folder].contents = true;
      places[here].whole.push_back(index);  // a bind-mounted file reports to its own folder, not to this one
      places[here].contents = true;
      return true;
    }
  }
  places[folder].whole.push_back(index);
  places[folder].contents = true;
  return true;
}

Result<> FileWatch::arm() {
  Places places;
  bool all_seen = true;
  for (std::size_t i = 0; i < paths_.size(); ++i) all_seen &= follow(paths_[i], i, places);
  std::map<int, Place> armed;
  for (auto& [path, place] : places) {
    const int wd =
        ::inotify_add_watch(inotify_.get(), path.c_str(), place.contents ? kNames | kContents : kNames);
    if (wd < 0 && errno == ENOSPC) return fail(kWatchLimit, "at " + path);
    if (wd < 0) continue;  // gone meanwhile, or a folder that may be passed through and not be read
    armed.insert_or_assign(wd, std::move(place));
  }
  if (!all_seen) armed.insert(places_.begin(), places_.end());
  for (const auto& [wd, place] : places_)
    if (!armed.contains(wd)) ::inotify_rm_watch(inotify_.get(), wd);
  places_ = std::move(armed);
  return {};
}

Result<> FileWatch::watch(std::vector<std::string> paths) {
  for (const auto& [wd, place] : std::exchange(places_, {})) ::inotify_rm_watch(inotify_.get(), wd);
  paths_ = std::move(paths);
  return arm();
}

std::vector<std::string> FileWatch::changed() {
  std::set<std::size_t> hit;
  alignas(inotify_event) char events[16384];
  for (;;) {
    const ssize_t n = ::read(inotify_.get(), events, sizeof events);
    if (n <= 0) break;
    for (const char* at = events; at < events + n;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      const std::string name = event.len > 0 ? at + sizeof event : "";
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0)
        for (std::size_t i = 0; i < paths_.size(); ++i) hit.insert(i);
      const auto place = places_.find(event.wd);
      if (place == places_.end()) continue;
      hit.insert(place->second.whole.begin(), place->second.whole.end());
      const auto [first, last] = place->second.entries.equal_range(name);
      for (auto it = first; it != last; ++it) hit.insert(it->second);
      // The folder itself went away or moved: everything below it did.
      if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
        for (const auto& [entry, index] : place->second.entries) hit.insert(index);
    }
  }
  std::vector<std::string> out;
  if (hit.empty()) return out;
  // Without free watches what is armed stays armed; the caller's own check of stamps finds the rest.
  static_cast<void>(arm());
  for (const std::size_t index : hit) out.push_back(paths_[index]);
  return out;
}

}  // namespace sally
