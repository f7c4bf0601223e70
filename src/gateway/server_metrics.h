// gateway/server_metrics.h - all that /metrics says of a gateway.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "gateway/connection_limits.h"
#include "gateway/counts.h"
#include "gateway/generation.h"

namespace sally::gateway {

/// text() is for any thread; the rest belongs to the main thread.
class ServerMetrics {
 public:
  /// What changes with a reload or a renewal.
  struct View {
    SharedGeneration generation;
    std::vector<std::pair<std::string, WallTime>> certificate_ends;  ///< by site
  };

  ServerMetrics();
  /// Before anybody asks. `counts` outlive this.
  void add_core(const CoreCounts& counts) { cores_.push_back(&counts); }
  void show(View view) { view_.store(std::make_shared<const View>(std::move(view))); }
  void reload_ended(bool applied);
  std::string text() const;

 private:
  std::vector<const CoreCounts*> cores_;
  std::atomic<std::shared_ptr<const View>> view_;
  std::atomic<std::uint64_t> applied_ = 0, refused_ = 0;
  std::atomic<std::int64_t> last_applied_;  ///< seconds since 1970; the start counts
  const std::int64_t started_;
};

}  // namespace sally::gateway
