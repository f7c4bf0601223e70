// gateway/config_watch.h - tells when the configuration file has changed and has then been left alone.
#pragma once
#include <filesystem>
#include <functional>

#include "loop/loop.h"
#include "os/file_watch.h"

namespace sally::gateway {

/// Key watch_config. An editor writes a file in several steps: the change is told when none has come for a
/// while.
class ConfigWatch final : private Pollable, private Timer {
 public:
  /// Errors: os.watch_limit, loop.system_call.
  static Result<std::unique_ptr<ConfigWatch>> make(Loop& loop, const std::filesystem::path& file,
                                                   std::function<void()> changed);
  ~ConfigWatch();

 private:
  ConfigWatch(Loop& loop, FileWatch watch, std::function<void()> changed)
      : loop_(loop), watch_(std::move(watch)), changed_(std::move(changed)) {}
  void on_events(std::uint32_t events) override;
  void on_timer() override { changed_(); }

  Loop& loop_;
  FileWatch watch_;
  std::function<void()> changed_;
};

}  // namespace sally::gateway
