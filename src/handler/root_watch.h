// handler/root_watch.h - tells when the way to a served folder was turned: a deployment swaps the link it
// hangs on.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loop/loop.h"
#include "os/file_watch.h"

namespace sally::handler {

/// One for each core. Without file watches it stays silent: whoever uses it also looks from time to time.
class RootWatch final : private Pollable {
 public:
  explicit RootWatch(Loop& loop) : loop_(loop) {}
  ~RootWatch();

  /// `changed` is called on the loop's thread, sometimes for nothing.
  void add(const std::string& path, std::function<void()> changed);

 private:
  void on_events(std::uint32_t) override;

  Loop& loop_;
  std::optional<FileWatch> watch_;
  std::vector<std::pair<std::string, std::function<void()>>> roots_;
};

}  // namespace sally::handler
