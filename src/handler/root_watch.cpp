#include "handler/root_watch.h"

#include <algorithm>

namespace sally::handler {
namespace {

/// A name that is not there: so each step of the way is watched, and not all that is written in the folder.
std::string watched_name(const std::string& root) { return root + "/.sallyport-no-such-file"; }

}  // namespace

RootWatch::~RootWatch() {
  if (watch_) loop_.unwatch(watch_->fd(), *this);
}

void RootWatch::add(const std::string& path, std::function<void()> changed) {
  roots_.emplace_back(path, std::move(changed));
  if (!watch_) {
    auto made = FileWatch::make();
    if (!made) return;
    watch_ = std::move(*made);
    if (!loop_.watch(watch_->fd(), *this)) watch_.reset();
    if (!watch_) return;
  }
  std::vector<std::string> names;
  for (const auto& [root, call] : roots_) names.push_back(watched_name(root));
  [[maybe_unused]] const Result<> watched = watch_->watch(std::move(names));  // silent without: see above
}

void RootWatch::on_events(std::uint32_t) {
  const std::vector<std::string> changed = watch_->changed();
  for (const auto& [root, call] : roots_)
    if (std::ranges::find(changed, watched_name(root)) != changed.end()) call();
}

}  // namespace sally::handler
