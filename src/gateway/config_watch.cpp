#include "gateway/config_watch.h"

namespace sally::gateway {

using namespace std::chrono_literals;

namespace {
constexpr Duration kQuiet = 200ms;
}

Result<std::unique_ptr<ConfigWatch>> ConfigWatch::make(Loop& loop, const std::filesystem::path& file,
                                                       std::function<void()> changed) {
  TRY(FileWatch watch, FileWatch::make());
  TRY_VOID(watch.watch({file.string()}));
  std::unique_ptr<ConfigWatch> made(new ConfigWatch(loop, std::move(watch), std::move(changed)));
  TRY_VOID(loop.watch_level(made->watch_.fd(), *made));
  return made;
}

ConfigWatch::~ConfigWatch() { loop_.unwatch(watch_.fd(), *this); }

void ConfigWatch::on_events(std::uint32_t) {
  if (watch_.changed().empty()) return;
  loop_.disarm(*this);
  loop_.arm(*this, loop_.now() + kQuiet);
}

}  // namespace sally::gateway
